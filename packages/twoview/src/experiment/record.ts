/** @file summary.json and results.csv of an experiment, from the summaries of its jobs. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { labelList } from '../data/image-set.js';
import { environment } from '../runs/environment.js';
import { readJson } from '../runs/read-json.js';
import type { RunFolder } from '../runs/run-folder.js';
import type { ReadyJob } from './job-config.js';
import type { Job } from './jobs.js';
import type { Opened } from './open-experiment.js';
import { isDone } from './plan.js';
import { type Compute, csvOf, type ExperimentSummary, tableOf } from './summarise.js';

export class ExperimentRecord {
  readonly #folder: RunFolder;
  readonly #opened: Opened;
  readonly #twins: ReadonlySet<number> | null;
  /** What was read, with when it was written: most jobs are done once. */
  readonly #results = new Map<string, { writtenAt: number; result: object }>();

  /** @param twins test images that have a twin among the others; null where they were not asked for */
  constructor(folder: RunFolder, opened: Opened, twins: ReadonlySet<number> | null) {
    this.#folder = folder;
    this.#opened = opened;
    this.#twins = twins;
  }

  /** @param failures jobs that failed so far, with their errors */
  write(failures: ExperimentSummary['failures']): ExperimentSummary {
    const { config, set, source, jobs } = this.#opened;
    const twins = this.#twins;
    const labels = twins === null || twins.size === 0 ? [] : labelList(set.test!);
    const done = jobs.filter((job) => isDone(config, job));
    const ofKind = (kind: Job['kind']) => done.filter((job) => job.kind === kind);
    const result = (job: Job) => this.#resultOf(job);
    const isCell = (job: ReadyJob): job is Extract<ReadyJob, { kind: 'cell' }> => job.kind === 'cell';
    const pretrain = ofKind('pretrain').map(result);
    const transfer = ofKind('transfer').map(result);
    const starts = new Map([...pretrain, ...transfer].map((row) => [row.run, computeOf(row)]));
    const cells = done.filter(isCell).map((cell) => {
      const row = result(cell);
      const start = (cell.needs === null ? undefined : starts.get(cell.needs)) ?? { flops: 0, coreSeconds: 0 };
      const own = computeOf(row);
      const total = { flops: own.flops + start.flops, coreSeconds: own.coreSeconds + start.coreSeconds };
      const withoutTwins = row.evaluatedOn === 'test' ? accuracyWithout(twins, row.predicted, labels) : null;
      return { ...row, arm: cell.arm, fraction: cell.fraction, total, withoutTwins };
    });
    const inspections = ofKind('inspect').map(result);
    const summary: ExperimentSummary = {
      kind: 'experiment',
      config,
      environment: environment(),
      data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count, test: set.test!.count },
      transferData: source && { name: source.name, notes: source.notes, train: source.train.count },
      twins: twins?.size ?? null,
      classes: set.classes,
      table: tableOf(cells, jobs.filter(isCell)),
      cells,
      pretrain,
      transfer,
      inspections,
      failures,
      seconds: [...cells, ...pretrain, ...transfer, ...inspections].reduce((sum, one) => sum + one.seconds, 0),
    };
    this.#folder.writeJson('summary.json', summary);
    this.#folder.writeText('results.csv', csvOf(cells));
    return summary;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the job of this kind wrote
  #resultOf({ id, model, seed }: Job): any {
    const file = join(this.#opened.config.out, id, 'summary.json');
    const writtenAt = statSync(file).mtimeMs;
    const known = this.#results.get(id);
    const result = known?.writtenAt === writtenAt ? known.result : resultIn(file);
    this.#results.set(id, { writtenAt, result });
    return { ...result, run: id, model, seed };
  }
}

/** Accuracy on the images that are no twins; null where there are none to leave out. */
function accuracyWithout(
  twins: ReadonlySet<number> | null,
  predicted: readonly number[],
  labels: readonly number[],
): number | null {
  if (twins === null || twins.size === 0) return null;
  const others = labels.flatMap((label, i) => (twins.has(i) ? [] : [label === predicted[i]]));
  return others.length === 0 ? null : others.filter((right) => right).length / others.length;
}

function resultIn(file: string): object {
  const { result, config } = readJson(file) as { result: object; config: { threads?: number } };
  return { ...result, ...(config.threads !== undefined && { threads: config.threads }) };
}

const computeOf = ({ flops, seconds, threads }: { flops: number; seconds: number; threads: number }): Compute => ({
  flops,
  coreSeconds: seconds * threads,
});
