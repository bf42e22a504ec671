/** @file Memory over 1,600 steps of pre-training: flat within 2 % after the warm-up, live tensors the same to the last one. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

const STEPS = 2400;
/** Until two kNN have come and gone, and the heap of libtorch has found its size. */
const WARM_UP = 800;

interface Reading {
  /** Resident bytes without those that V8 has for its heap, which it gives back, 30 MiB at once, when it likes. */
  native: number;
  /** Bytes in V8's heap. */
  script: number;
  tensors: number;
}

test('1,600 steps of pre-training neither hold on to tensors nor grow', () => {
  const program = fileURLToPath(new URL('./memory-steps.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program, String(STEPS), String(WARM_UP), join(root, 'run')], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const readings: Reading[] = JSON.parse(stdout);
  expect(readings).toHaveLength(STEPS - WARM_UP);
  expect(new Set(readings.map(({ tensors }) => tensors)).size).toBe(1);
  const fifth = Math.floor(readings.length / 5);
  const [first, last] = [readings.slice(0, fifth), readings.slice(-fifth)];
  // Medians: kNN moves single readings.
  const native = [first, last].map((part) => median(part.map((one) => one.native))) as [number, number];
  // What is left after the garbage collector.
  const script = [first, last].map((part) => Math.min(...part.map((one) => one.script))) as [number, number];
  const inMebibytes = (pair: readonly number[]) =>
    pair.map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`).join(', then ');
  console.log(`native: ${inMebibytes(native)}; V8's heap: ${inMebibytes(script)}`);
  expect(native[1] / native[0]).toBeLessThan(1.02);
  expect(script[1] / script[0]).toBeLessThan(1.1);
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
