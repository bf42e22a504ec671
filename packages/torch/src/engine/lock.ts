/** @file One process at a time installs, builds or downloads; the others wait and then find it done. */
import { mkdirSync } from 'node:fs';
import lockfile from 'proper-lockfile';
import type { SetupLog } from './log.js';

const POLL_MS = 500;

/** @param folder is made if it is missing; a lock whose owner died is taken over after 20 s */
export async function withLock<T>(folder: string, log: SetupLog, body: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  let told = false;
  for (;;) {
    let release: () => Promise<void>;
    try {
      release = await lockfile.lock(folder, { stale: 20_000 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
      if (!told) log.line(`another process is at work in ${folder}; waiting for it`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    try {
      return await body();
    } finally {
      await release();
    }
  }
}
