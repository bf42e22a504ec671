/** @file Runs the built `twoview` as a user does. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/twoview.js', import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** @param limits fileKiB: no file that it writes may become larger */
export function twoview(args: string[], env: Record<string, string> = {}, limits: { fileKiB?: number } = {}): Outcome {
  const [command, before] =
    limits.fileKiB === undefined
      ? [process.execPath, []]
      : ['bash', ['-c', `ulimit -f ${limits.fileKiB}; exec "$0" "$@"`, process.execPath]];
  const { status, stdout, stderr } = spawnSync(command, [...before, bin, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

export function start(args: string[], env: Record<string, string> = {}): ChildProcess & { ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    out.stdout += text;
  });
  child.stderr.on('data', (text) => {
    out.stderr += text;
  });
  const ended = new Promise<Outcome>((resolve) => child.on('close', (status) => resolve({ status, ...out })));
  return Object.assign(child, { ended });
}

/** Looks again and again until something holds. @throws after three minutes: a busy machine may be slow */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 180_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited three minutes in vain for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lines of a run's metrics; 0 before there are any. */
export function linesOf(run: string): number {
  const file = join(run, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

export const bytesOf = (file: string): Buffer => readFileSync(file);
