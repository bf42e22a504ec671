/** @file Runs the built `twoview` as a user does. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/twoview.js', import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export function twoview(args: string[], env: Record<string, string> = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
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
