/** @file The image sets and jobs of an experiment. */
import type { CompareConfig } from '../config/compare.js';
import type { ImageSet } from '../data/image-set.js';
import { labelledTest } from '../data/labelled-test.js';
import { type OpenOptions, openImages } from '../data/open-images.js';
import { equalTo } from '../data/twins/twins.js';
import { TwoviewError } from '../errors.js';
import { stemFor } from '../models/stem.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { loadEngine } from '../runs/load-engine.js';
import { Owned } from '../runs/owned.js';
import { Costs } from './cost.js';
import { equalised } from './equal-compute.js';
import { type ReadyJob, readyJob } from './job-config.js';
import { jobsOf, selectJobs } from './jobs.js';
import type { ExperimentPlan } from './plan.js';

export interface CompareIo extends OwnIo {
  /** Only jobs whose name contains one of these, and what they need; all when empty. */
  only?: readonly string[];
  /** Takes over what another experiment has trained with the same code, settings and images. */
  reuse?: boolean;
  onPlan?: (plan: ExperimentPlan) => void;
  /** A job begins; `left` is the estimate of what is still to do, in seconds. */
  onJob?: (job: { id: string; number: number; of: number; left: number }) => void;
}

export interface Opened extends Disposable {
  config: CompareConfig;
  set: ImageSet;
  /** What SimCLR is trained on: the set itself where no other one is named. */
  unlabelled: ImageSet;
  source: ImageSet | null;
  costs: Costs;
  jobs: ReadyJob[];
  /** Those of the jobs that are to run now. */
  chosen: ReadyJob[];
}

/** @throws TwoviewError, TorchError as `openImages`; CONFIG_INVALID where an arm has nothing to start from */
export async function openExperiment(wanted: CompareConfig, io: CompareIo): Promise<Opened> {
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
  await loadEngine(wanted);
  const images = async (data: string, options: Partial<OpenOptions>) => {
    const opened = await (data === wanted.data ? imagesOf : openImages)(data, options, io);
    owned.add({ dispose: () => opened[Symbol.dispose]() });
    return opened;
  };
  const set = await images(wanted.data, wanted);
  labelledTest(set);
  const wantsSource = wanted.arms.includes('transfer') && wanted.transferWeights === '';
  if (wantsSource && wanted.transferData === '') throw nothingToTransferFrom();
  const same = { ...wanted, imageSize: set.imageSize };
  const unlabelled = wanted.unlabelled === '' ? set : await images(wanted.unlabelled, same);
  const source = wantsSource ? await images(wanted.transferData, same) : null;
  await warnOfTestImages({ set, unlabelled, source }, io);
  const config = { ...wanted, imageSize: set.imageSize, stem: stemFor(wanted.stem, set.imageSize) };
  const sets = { set, unlabelled, source };
  const costs = new Costs(sets, io.own);
  const say = (text: string) => io.onEvent?.({ type: 'note', text });
  const listed = jobsOf(config).map((job) => readyJob(config, job));
  const jobs = config.equalCompute ? equalised(listed, costs, say) : listed;
  return { config, ...sets, costs, jobs, chosen: selectJobs(jobs, io.only ?? []) };
}

/** Test images that an arm sees without labels, or with labels of another task, make its accuracy doubtful. */
async function warnOfTestImages(
  { set, unlabelled, source }: Pick<Opened, 'set' | 'unlabelled' | 'source'>,
  io: CompareIo,
): Promise<void> {
  for (const [name, other] of [
    ['unlabelled', unlabelled],
    ['transfer', source],
  ] as const) {
    if (other === null || other === set) continue;
    const shared = equalTo((await set.digests()).test, (await other.digests()).train).length;
    const text = `${shared} of ${set.test!.count} test images are among the ${name} images too, pixel by pixel`;
    if (shared > 0) io.onEvent?.({ type: 'warning', text });
  }
}

const nothingToTransferFrom = (): TwoviewError =>
  new TwoviewError('CONFIG_INVALID', {
    what: 'the transfer arm has nothing to transfer from',
    where: '--arms transfer',
    next: [
      '--transfer-data FOLDER  labelled images of another task to pre-train on',
      '--transfer-weights imagenet  published weights of the same network, or a file of them',
      '--arms supervised,semi-supervised  leaves the arm out',
    ],
  });

/** By the settings that name them. */
export const setsOf = ({ config, set, unlabelled, source }: Opened): Record<string, ImageSet> => ({
  data: set,
  ...(config.unlabelled === '' ? {} : { unlabelled }),
  ...(source === null ? {} : { transferData: source }),
});
