/**
 * @file Where finished runs are: a line for each in the cache, `TWOVIEW_REGISTRY` names another file. A line is a hint; what
 * counts is the hash in the summary of the folder, so that folders may be moved, copied and removed.
 */
import { appendFileSync, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cacheRoot } from '@twoview/torch/engine';

const registryFile = (): string => process.env.TWOVIEW_REGISTRY || join(cacheRoot(), 'runs.jsonl');

export interface RegisteredRun {
  /** See `runHash`. */
  hash: string;
  /** Absolute. */
  path: string;
}

/** All that was ever recorded, the newest first, each folder once. */
export function registeredRuns(): RegisteredRun[] {
  if (!existsSync(registryFile())) return [];
  const seen = new Set<string>();
  return readFileSync(registryFile(), 'utf8')
    .split('\n')
    .flatMap((line): RegisteredRun[] => {
      try {
        const { hash, path } = JSON.parse(line);
        return typeof hash === 'string' && typeof path === 'string' ? [{ hash, path }] : [];
      } catch {
        return []; // the last line of a process that was killed, or an empty one
      }
    })
    .reverse()
    .filter(({ path }) => !seen.has(path) && seen.add(path));
}

/** Remembers a finished run. A cache that cannot be written costs only that it is not found again. */
export function registerRun(hash: string, path: string): void {
  const line = JSON.stringify({ hash, path: resolve(path) });
  try {
    mkdirSync(dirname(registryFile()), { recursive: true });
    appendFileSync(registryFile(), `${line}\n`);
  } catch {}
}

/** The hash that a finished run recorded; null for one that is not finished, or older than hashes. */
export function hashOf(run: string): string | null {
  const file = join(run, 'summary.json');
  if (!existsSync(file)) return null;
  try {
    const { hash } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof hash === 'string' ? hash : null;
  } catch {
    return null;
  }
}

/** A finished run that computed the same, or null. */
export function findRun(hash: string): string | null {
  const found = registeredRuns().find((run) => run.hash === hash && hashOf(run.path) === hash);
  return found?.path ?? null;
}

/** Copies a finished run. Checkpoints, which are only ever replaced whole, share their bytes where the disk can do that. */
export function copyRun(from: string, to: string): void {
  const copy = (source: string, target: string, share: boolean) => {
    mkdirSync(target, { recursive: true });
    for (const entry of readdirSync(source, { withFileTypes: true })) {
      const [a, b] = [join(source, entry.name), join(target, entry.name)];
      if (entry.isDirectory()) copy(a, b, entry.name === 'checkpoints');
      else if (entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'summary.json') copyFile(a, b, share);
    }
  };
  copy(from, to, false);
  copyFileSync(join(from, 'summary.json'), join(to, 'summary.json')); // last: a folder that has it is done
}

function copyFile(from: string, to: string, share: boolean): void {
  if (existsSync(to)) return;
  if (share) {
    try {
      linkSync(from, to);
      return;
    } catch {} // another disk, or one that cannot
  }
  copyFileSync(from, to);
}
