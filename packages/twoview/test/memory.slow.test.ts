/** @file Memory over 2,000 steps of pre-training: flat within 2 % after the warm-up, live tensors the same to the last one. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

const STEPS = 2000;
/** Until the first kNN has come and gone, and V8 has found the size of its heap. */
const WARM_UP = 500;

test('2,000 steps of pre-training neither hold on to tensors nor grow', () => {
  const program = fileURLToPath(new URL('./memory-steps.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program, String(STEPS), String(WARM_UP), join(root, 'run')], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const readings: [number, number][] = JSON.parse(stdout);
  expect(readings).toHaveLength(STEPS - WARM_UP);
  expect(new Set(readings.map(([, live]) => live)).size).toBe(1);
  // Medians of the first and the last fifth: kNN and the garbage collector move single readings.
  const resident = readings.map(([bytes]) => bytes);
  const fifth = Math.floor(resident.length / 5);
  const [first, last] = [median(resident.slice(0, fifth)), median(resident.slice(-fifth))];
  console.log(`resident: ${(first / 2 ** 20).toFixed(0)} MiB, then ${(last / 2 ** 20).toFixed(0)} MiB`);
  expect(last / first).toBeLessThan(1.02);
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
