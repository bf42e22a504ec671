/** @file A run that was paused when its server was killed would wait for ever. Awake, it notices that the server is gone, and ends. */
import { readFileSync } from 'node:fs';

/** @param id the run, to be sure that the process is that one: numbers are used again */
export function wakeLeftOver(pid: number | null, id: string): void {
  if (pid === null) return;
  try {
    if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TWOVIEW_STUDIO_RUN=${id}\0`)) return;
    process.kill(pid, 'SIGCONT');
  } catch {
    // It ended, or this system does not say what a process is: there, a stopped process of an ended terminal ends by itself.
  }
}
