/**
 * @file The poster's experiment: three arms over networks, label amounts and seeds. Every job is a run of its own inside
 * the experiment's folder; a job with a summary is done, so that stopping and going on costs at most a part of one job.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import type { CompareConfig } from '../config/compare.js';
import type { ImageSet } from '../data/image-set.js';
import { labelledTest } from '../data/labelled-test.js';
import { type OpenOptions, openImages } from '../data/open-images.js';
import { equalTo } from '../data/twins.js';
import { TwoviewError } from '../errors.js';
import { finetune } from '../finetune/finetune.js';
import { fetchPublished, isPublished } from '../models/published.js';
import { stemFor } from '../models/stem.js';
import { imagesOf } from '../own/images.js';
import { type Own, type OwnIo, withOwn } from '../own/own.js';
import { environment } from '../runs/environment.js';
import { Owned } from '../runs/owned.js';
import { readJson } from '../runs/read-json.js';
import { RunFolder } from '../runs/run-folder.js';
import { stoppedBefore } from '../runs/stops.js';
import { inspect } from '../ssl/inspect.js';
import { pretrainSimclr } from '../ssl/pretrain.js';
import { imagesOfJob, trainingSpeed } from './estimate.js';
import { cellConfig, inspectConfig, pretrainConfig, transferConfig } from './job-config.js';
import { type Cell, type Job, jobsOf, selectJobs, weightsOf } from './jobs.js';
import { ownFor } from './own-parts.js';
import { csvOf, type ExperimentSummary, tableOf } from './summarise.js';
import { takeOverAll } from './take-over.js';

export interface ExperimentPlan {
  jobs: { id: string; seconds: number; done: boolean }[];
  /** Of what is still to do, on this machine. */
  seconds: number;
}

interface Opened extends Disposable {
  config: CompareConfig;
  set: ImageSet;
  /** What SimCLR learns from: the set itself where no other one is named. */
  unlabelled: ImageSet;
  source: ImageSet | null;
  jobs: Job[];
  /** Those of the jobs that are to run now. */
  chosen: Job[];
}

async function open(wanted: CompareConfig, io: CompareIo): Promise<Opened> {
  const owned = new Owned();
  try {
    return { ...(await openInto(owned, wanted, io)), [Symbol.dispose]: () => owned[Symbol.dispose]() };
  } catch (error) {
    owned[Symbol.dispose]();
    throw error;
  }
}

async function openInto(
  owned: Owned,
  wanted: CompareConfig,
  io: CompareIo,
): Promise<Omit<Opened, typeof Symbol.dispose>> {
  await torch.load({ flushDenormal: true, ...(wanted.threads !== 'auto' && { threads: wanted.threads }) });
  const images = async (data: string, options: Partial<OpenOptions>) => {
    const opened = await (data === wanted.data ? imagesOf : openImages)(data, options, io);
    owned.add({ dispose: () => opened[Symbol.dispose]() });
    return opened;
  };
  const set = await images(wanted.data, wanted);
  labelledTest(set);
  const wantsSource = wanted.arms.includes('transfer') && wanted.transferWeights === '';
  if (wantsSource && wanted.transferData === '') {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'the transfer arm has nothing to transfer from',
      where: '--arms transfer',
      next: [
        '--transfer-data FOLDER  labelled images to learn first',
        '--transfer-weights imagenet  published weights of the same network, or a file of them',
        '--arms supervised,semi-supervised  leaves the arm out',
      ],
    });
  }
  const same = { ...wanted, imageSize: set.imageSize };
  const unlabelled = wanted.unlabelled === '' ? set : await images(wanted.unlabelled, same);
  const source = wantsSource ? await images(wanted.transferData, same) : null;
  for (const [name, other] of [
    ['unlabelled', unlabelled],
    ['transfer', source],
  ] as const) {
    if (other === null || other === set) continue;
    const shared = equalTo((await set.digests()).test, (await other.digests()).train).length;
    const text = `${shared} of ${set.test!.count} test images are among the ${name} images too, pixel by pixel`;
    if (shared > 0) io.onEvent?.({ type: 'warning', text });
  }
  const config = { ...wanted, imageSize: set.imageSize, stem: stemFor(wanted.stem, set.imageSize) };
  const jobs = jobsOf(config);
  return { config, set, unlabelled, source, jobs, chosen: selectJobs(jobs, io.only ?? []) };
}

const isDone = ({ out }: CompareConfig, { id }: Job) => existsSync(join(out, id, 'summary.json'));

const hasWeights = ({ out }: CompareConfig, id: string) => existsSync(weightsOf(out, id));

/** Done, and with the weights that jobs still to come start from: a recorded experiment has results alone. */
function isSettled({ config, chosen }: Pick<Opened, 'config' | 'chosen'>, job: Job): boolean {
  if (!isDone(config, job)) return false;
  const awaited = chosen.some((other) => other.needs === job.id && !isDone(config, other));
  return !awaited || hasWeights(config, job.id);
}

function planOf({ config, chosen, ...sets }: Opened, own: Own | undefined): ExperimentPlan {
  const listed = chosen.map((job) => {
    const done = isSettled({ config, chosen }, job);
    const images = imagesOfJob(job, config, sets);
    return { id: job.id, done, seconds: images / trainingSpeed(job, sets.set.imageSize, config, own?.encoder) };
  });
  return { jobs: listed, seconds: listed.reduce((sum, job) => sum + (job.done ? 0 : job.seconds), 0) };
}

/** What `compare` would do, and how long that takes here. @throws TwoviewError, TorchError */
export async function planExperiment(config: CompareConfig, io: CompareIo = {}): Promise<ExperimentPlan> {
  using opened = await open(withOwn(config, io.own), io);
  return planOf(opened, io.own);
}

export interface CompareIo extends OwnIo {
  /** Only jobs whose name contains one of these, and what they need; all when empty. */
  only?: readonly string[];
  /** Takes over what another experiment has trained with the same code, settings and images. */
  reuse?: boolean;
  onPlan?: (plan: ExperimentPlan) => void;
  /** A job begins; `left` is the estimate of what is still to do, in seconds. */
  onJob?: (job: { id: string; number: number; of: number; left: number }) => void;
}

/** Runs the experiment, or what is left of it. @throws TwoviewError, TorchError */
export async function compare(wanted: CompareConfig, io: CompareIo = {}): Promise<ExperimentSummary> {
  using opened = await open(withOwn(wanted, io.own), io);
  const { config, chosen } = opened;
  if (config.arms.includes('transfer') && isPublished(config.transferWeights)) {
    // A name that is wrong, or a download that fails, must not be found out after hours.
    for (const model of config.models) await fetchPublished(config.transferWeights, model, io);
  }
  return await RunFolder.during(config.out, 'experiment', config, setsOf(opened), async (folder) => {
    if (io.reuse) await takeOverAll(opened, io);
    const plan = planOf(opened, io.own);
    io.onPlan?.(plan);
    const failures: ExperimentSummary['failures'] = [];
    for (const [i, job] of chosen.entries()) {
      if (isSettled(opened, job)) continue;
      if (io.signal?.aborted) throw stoppedBefore(config.out, i, chosen.length);
      const left = plan.jobs.slice(i).reduce((sum, one) => sum + (one.done ? 0 : one.seconds), 0);
      io.onJob?.({ id: job.id, number: i + 1, of: chosen.length, left });
      try {
        await run(config, job, io);
      } catch (error) {
        if (endsTheExperiment(error)) throw error;
        const text = error instanceof Error ? error.message : String(error);
        failures.push({ job: job.id, error: text });
        folder.log(`${job.id} failed: ${text}`);
        io.onEvent?.({ type: 'warning', text: `${job.id} failed and is left out: ${text}` });
      }
      writeSummary(folder, opened, failures);
    }
    return writeSummary(folder, opened, failures);
  });
}

/** Without these the other jobs would fail in the same way. */
function endsTheExperiment(error: unknown): boolean {
  const coded = error instanceof TwoviewError || error instanceof torch.TorchError;
  return coded && ['STOPPED', 'INTERRUPTED', 'DISK_FULL', 'RUN_LOCKED'].includes(error.code);
}

/** By the settings that name them. */
const setsOf = ({ config, set, unlabelled, source }: Opened): Record<string, ImageSet> => ({
  data: set,
  ...(config.unlabelled === '' ? {} : { unlabelled }),
  ...(source === null ? {} : { transferData: source }),
});

async function run(config: CompareConfig, job: Job, given: OwnIo): Promise<void> {
  const own = ownFor(job, config, given.own);
  const { own: _, ...others } = given;
  const io: OwnIo = { ...others, ...(own && { own }) };
  if (job.kind === 'pretrain') await pretrainSimclr(pretrainConfig(config, job), io);
  else if (job.kind === 'inspect') await inspect(inspectConfig(config, job), io);
  else if (job.kind === 'transfer') await finetune(transferConfig(config, job), io);
  else await finetune(cellConfig(config, job), io);
}

// biome-ignore lint/suspicious/noExplicitAny: what the job of this kind wrote
const resultOf = (file: string): any => (readJson(file) as { result: unknown }).result;

function writeSummary(
  folder: RunFolder,
  { config, set, source, jobs }: Opened,
  failures: ExperimentSummary['failures'],
): ExperimentSummary {
  const done = jobs.filter((job) => isDone(config, job));
  const result = (job: Job) => ({
    ...resultOf(join(config.out, job.id, 'summary.json')),
    run: job.id,
    model: job.model,
    seed: job.seed,
  });
  const ofKind = (kind: Job['kind']) => done.filter((job) => job.kind === kind);
  const cells = (ofKind('cell') as Cell[]).map((cell) => ({ ...result(cell), arm: cell.arm, fraction: cell.fraction }));
  const pretrain = ofKind('pretrain').map(result);
  const transfer = ofKind('transfer').map(result);
  const inspections = ofKind('inspect').map(result);
  const summary: ExperimentSummary = {
    kind: 'experiment',
    config,
    environment: environment(),
    data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count, test: set.test!.count },
    transferData: source && { name: source.name, notes: source.notes, train: source.train.count },
    classes: set.classes,
    table: tableOf(
      cells,
      jobs.filter((job): job is Cell => job.kind === 'cell'),
    ),
    cells,
    pretrain,
    transfer,
    inspections,
    failures,
    seconds: [...cells, ...pretrain, ...transfer, ...inspections].reduce((sum, one) => sum + one.seconds, 0),
  };
  folder.writeJson('summary.json', summary);
  folder.writeText('results.csv', csvOf(cells));
  return summary;
}
