/**
 * @file One process at a time works on a run folder. Its name stands in `.owner`: while it lives, every other is refused;
 * when it was killed, the next one takes over at once. Of a process on another machine only the heartbeat of the lock tells.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import lockfile from 'proper-lockfile';
import { TwoviewError } from '../errors.js';
import { isAlive, type ProcessName, thisProcess } from './processes.js';

/** A lock of another machine whose heartbeat is older than this is nobody's. One step of a training must not take longer. */
const STALE_MS = 60_000;

export interface RunLock {
  /** @throws TwoviewError RUN_LOCKED when another machine took the lock, believing this one dead */
  check(): void;
  release(): Promise<void>;
}

/** @throws TwoviewError RUN_LOCKED */
export async function lockRun(path: string): Promise<RunLock> {
  const leave = await claim(path);
  try {
    const owner = readOwner(path);
    const lock = join(path, '.lock');
    const alive = owner !== null && existsSync(lock) ? isAlive(owner) : null;
    if (alive === true) throw locked(path, owner);
    if (alive === false) rmSync(lock, { recursive: true, force: true });
    let lost = false;
    const release = await lockfile.lock(path, {
      stale: STALE_MS,
      lockfilePath: lock,
      onCompromised: () => {
        lost = true;
      },
    });
    atomicWrite(join(path, '.owner'), (file) => writeAll(file, Buffer.from(JSON.stringify(thisProcess()))));
    return {
      check() {
        if (lost) throw locked(path, readOwner(path));
      },
      async release() {
        if (lost) return;
        rmSync(join(path, '.owner'), { force: true });
        await release();
      },
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') throw locked(path, readOwner(path));
    throw error;
  } finally {
    await leave();
  }
}

/** Looking at the owner and taking over must be one act: two processes may find the same dead one. */
async function claim(path: string): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(join(path, '.claim'), {
      realpath: false,
      stale: 2000,
      retries: { retries: 40, factor: 1, minTimeout: 100 }, // 4 s: longer than a claim whose holder was killed lasts
      onCompromised: () => {},
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') throw locked(path, readOwner(path));
    throw error;
  }
}

function readOwner(path: string): ProcessName | null {
  try {
    return JSON.parse(readFileSync(join(path, '.owner'), 'utf8'));
  } catch {
    return null; // nobody, or half gone: the lock's heartbeat decides
  }
}

function locked(path: string, owner: ProcessName | null): TwoviewError {
  const who = owner === null ? 'unknown process' : `process ${owner.pid} on ${owner.host}`;
  return new TwoviewError('RUN_LOCKED', {
    what: 'another process works on this run',
    where: `${path}, ${who}`,
    next: ['wait for it, or stop it', '--out OTHER  starts a new run beside it'],
  });
}
