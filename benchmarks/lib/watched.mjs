/**
 * @file A process that prints a line after each step, watched from outside: when each line came, and what the process and its
 * children took of memory and of the processor. The same for every language.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { median } from './statistics.mjs';

const EVERY = 250;
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<{ steps: { at: number, loss: number }[], peakMemoryMiB: number, coreSeconds: number }>} seconds since it was started
 */
export async function watched(command, args, env = {}) {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const steps = [];
  let said = '';
  let peak = 0;
  let busy = 0;
  const look = setInterval(() => {
    const all = tree(child.pid);
    peak = Math.max(
      peak,
      all.reduce((sum, pid) => sum + memory(pid), 0),
    );
    busy = Math.max(
      busy,
      all.reduce((sum, pid) => sum + ticks(pid), 0),
    );
  }, EVERY);
  child.stderr.on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    steps.push({ at: (performance.now() - start) / 1000, ...JSON.parse(line) });
  });
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearInterval(look);
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}:\n${said}`);
  return { steps, peakMemoryMiB: peak / 2 ** 20, coreSeconds: busy / TICKS };
}

/** Median over the steps after the first `warmUp`, of what `watched` saw. */
export function secondsPerStep({ steps }, warmUp = 1) {
  return median(steps.slice(warmUp).map(({ at }, i) => at - steps[i + warmUp - 1].at));
}

/** The process and all below it. */
function tree(pid) {
  const children = attempt(`/proc/${pid}/task/${pid}/children`) ?? '';
  return [
    pid,
    ...children
      .split(' ')
      .filter(Boolean)
      .flatMap((child) => tree(Number(child))),
  ];
}

/** Bytes, each page that several share counted once over all of them. */
function memory(pid) {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(attempt(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  const pages = attempt(`/proc/${pid}/statm`)?.split(' ')[1];
  return kilobytes !== undefined ? Number(kilobytes) * 1024 : Number(pages ?? 0) * 4096;
}

function ticks(pid) {
  const fields = attempt(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields === undefined ? 0 : [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
}

function attempt(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // it has just ended
  }
}
