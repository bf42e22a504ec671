/** @file What the comparison with other programs times on our side reports every step: a benchmark that watches nothing would print nothing. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
beforeAll(() => classFolders(join(root, 'photos', 'train'), ['a', 'b'], 20, 16));
afterAll(() => rmSync(root, { recursive: true }));

test('the pre-training of bench:peers prints the loss of each step', () => {
  const program = fileURLToPath(new URL('../../../benchmarks/lib/pretrain-steps.mjs', import.meta.url));
  const options = {
    ...{ images: join(root, 'photos'), model: 'resnet10_narrow', batch: 8, steps: 4 },
    ...{ temperature: 0.5, lr: 0.1, seed: 0, threads: 1, precision: 'float32' },
  };
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, JSON.stringify(options)], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const losses = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).loss);
  expect(losses.length).toBe(4);
  for (const loss of losses) expect(loss).toBeGreaterThan(0);
});
