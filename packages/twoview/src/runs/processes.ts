/** @file Whether a process that wrote its name down is still there. Numbers are used again, so the time of its start is part of the name. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessName {
  pid: number;
  host: string;
  /** When it started, in clock ticks since the machine did; null where the system does not say (all but Linux). */
  started: string | null;
}

/** State and start of a process by /proc/PID/stat: fields 3 and 22; the name before them may hold spaces and brackets. */
function stat(pid: number): { state: string; started: string } | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  try {
    const text = readFileSync(file, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, started: fields[19]! };
  } catch {
    return null; // it ended in between
  }
}

export const thisProcess = (): ProcessName => ({
  pid: process.pid,
  host: hostname(),
  started: stat(process.pid)?.started ?? null,
});

/** @returns null when it runs on another machine, which cannot be asked */
export function isAlive({ pid, host, started }: ProcessName): boolean | null {
  if (host !== hostname()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is there, and somebody else's
  }
  const now = stat(pid);
  if (now === null || started === null) return true;
  return now.started === started && now.state !== 'Z'; // a zombie has ended, and waits to be noticed
}
