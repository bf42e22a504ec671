/** @file Runs below a folder, for `twoview runs`. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunKind } from '../config/recorded.js';
import { TwoviewError } from '../errors.js';
import { readJson } from './read-json.js';
import { hashOf, registeredRuns, registerRun } from './registry.js';
import { readConfig } from './run-config.js';

export interface RunRow {
  path: string;
  kind: RunKind;
  model: string;
  done: boolean;
  accuracy: number | null;
  /** What the accuracy is of; null where there is none. */
  evaluatedOn: 'test' | 'validation' | null;
  knn: number | null;
}

// biome-ignore lint/suspicious/noExplicitAny: of any version
const summaryOf = (path: string): any =>
  existsSync(join(path, 'summary.json')) ? readJson(join(path, 'summary.json')) : null;

/** @throws TwoviewError RUN_NOT_FOUND */
export function readRun(path: string): { config: object; summary: unknown } {
  return { config: readConfig(path), summary: summaryOf(path) };
}

/** Every run below the folder, sorted by path. @throws TwoviewError RUN_NOT_FOUND when the folder does not exist */
export function findRuns(folder: string): RunRow[] {
  if (!existsSync(folder)) {
    throw new TwoviewError('RUN_NOT_FOUND', {
      what: 'there is no such folder',
      where: folder,
      next: ['name the folder that holds your runs: twoview runs ls FOLDER'],
    });
  }
  const remembered = new Set(registeredRuns().map(({ path }) => path));
  const runs = [...runFolders(folder)].sort();
  for (const run of runs) {
    const hash = hashOf(run);
    if (hash !== null && !remembered.has(resolve(run))) registerRun(hash, run);
  }
  return runs.map(rowOf);
}

/** This folder and those below it, where they hold runs. */
function* runFolders(folder: string): Generator<string> {
  if (existsSync(join(folder, 'config.yaml'))) yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== 'checkpoints') yield* runFolders(join(folder, entry.name));
  }
}

function rowOf(folder: string): RunRow {
  const config = readConfig(folder);
  const summary = summaryOf(folder);
  return {
    path: folder,
    kind: config.kind,
    model: String(config.model ?? config.models ?? config.run),
    done: summary !== null,
    accuracy: summary?.result?.metrics?.accuracy ?? null,
    evaluatedOn: summary?.result?.metrics == null ? null : (summary.result.evaluatedOn ?? 'test'),
    knn: summary?.result?.knn ?? null,
  };
}

/** Runs that ended on this machine and are still where they were, or where `runs ls FOLDER` saw them last. */
export const rememberedRuns = (): RunRow[] =>
  registeredRuns()
    .filter(({ path, hash }) => hashOf(path) === hash)
    .map(({ path }) => rowOf(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

/**
 * By figures that may choose: kNN on held-out training images, accuracy on validation images. The best of many on the test set
 * would be better there than anywhere else.
 *
 * @throws TwoviewError RUN_NOT_FOUND when no run has this measure, RANKED_BY_TEST when all have it of test images
 */
export function bestRun(runs: readonly RunRow[], by: 'accuracy' | 'knn', folder: string): RunRow {
  const measured = runs.filter((run) => run[by] !== null);
  const [best] = measured
    .filter((run) => by === 'knn' || run.evaluatedOn === 'validation')
    .sort((a, b) => b[by]! - a[by]!);
  if (best !== undefined) return best;
  if (measured.length > 0) {
    throw new TwoviewError('RANKED_BY_TEST', {
      what: `the accuracies of these ${measured.length} runs are of test images, and the test set must choose nothing`,
      where: folder,
      next: [
        '--validation 0.2 (or val) of finetune measures on images that may choose',
        '--by knn  ranks pre-trainings by held-out training images',
        'twoview runs ls  lists all figures',
      ],
    });
  }
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: `no finished run here has ${by === 'knn' ? 'a kNN accuracy' : 'an accuracy'}`,
    where: folder,
    next: ['twoview runs ls  lists what there is'],
  });
}
