/** @file Runs below a folder, for `twoview runs`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunKind } from '../config/recorded.js';
import { TwoviewError } from '../errors.js';
import { hashOf, registeredRuns, registerRun } from './registry.js';
import { readConfig } from './run-folder.js';

export interface RunRow {
  path: string;
  kind: RunKind;
  model: string;
  done: boolean;
  accuracy: number | null;
  knn: number | null;
}

const summaryOf = (path: string) =>
  existsSync(join(path, 'summary.json')) ? JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')) : null;

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
    knn: summary?.result?.knn ?? null,
  };
}

/** Runs that ended on this machine and are still where they were, or where `runs ls FOLDER` saw them last. */
export const rememberedRuns = (): RunRow[] =>
  registeredRuns()
    .filter(({ path, hash }) => hashOf(path) === hash)
    .map(({ path }) => rowOf(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

/** @throws TwoviewError RUN_NOT_FOUND when no run has this measure */
export function bestRun(runs: readonly RunRow[], by: 'accuracy' | 'knn', folder: string): RunRow {
  const [best] = runs.filter((run) => run[by] !== null).sort((a, b) => b[by]! - a[by]!);
  if (best !== undefined) return best;
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: `no finished run here has ${by === 'knn' ? 'a kNN accuracy' : 'an accuracy'}`,
    where: folder,
    next: ['twoview runs ls  lists what there is'],
  });
}
