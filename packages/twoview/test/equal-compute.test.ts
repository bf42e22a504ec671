/** @file What jobs compute, counted beforehand as the runs count it; arms of equal compute; and differences seed by seed. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Arm } from '../src/config/compare.js';
import { pairedDifferences } from '../src/experiment/paired.js';
import type { CellResult } from '../src/experiment/summarise.js';
import { compare } from '../src/index.js';
import { createModel } from '../src/models/create-model.js';
import { multiplyAdds } from '../src/models/multiply-adds.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const SIZE = 16;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const name of ['photos', 'others'])
    for (const part of ['train', 'test']) await classFolders(at(name, part), ['a', 'b'], 20, SIZE);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const experiment = {
  ...({ precision: 'float32', threads: 1, device: 'cpu', imageSize: SIZE } as const),
  ...{ data: at('photos'), transferData: at('others'), models: ['airbench'], fractions: [0.5], seeds: 1 },
  pretrain: { batchSize: 8, epochs: 3, heldOut: 8, k: 3, viewSizes: [8, 16] },
  transfer: { batchSize: 10, epochs: 1 },
  finetune: { batchSize: 5, epochs: 2, viewSizes: [8, 16] },
};
const airbench = () => createModel('airbench', { numClasses: 2 });

test('the operations of a training are six for each multiply-add of each image, side by side', async () => {
  const { pretrain, transfer } = await compare({
    ...experiment,
    arms: ['transfer', 'semi-supervised'],
    out: at('count'),
  });
  const network = airbench();
  const [small, large, whole] = [multiplyAdds(network, 8), multiplyAdds(network, 16), multiplyAdds(network, SIZE)];
  // 32 images are trained on: 4 steps an epoch, 12 in all, of 16 views; of the pixels each size has the same, so 9.6 steps are small.
  const encoderAlone = createModel('airbench', { numClasses: 0 });
  const classifier = small - multiplyAdds(encoderAlone, 8);
  expect(classifier).toBe(512 * 2);
  expect(pretrain[0]!.flops).toBe(6 * 16 * (10 * (small - classifier) + 2 * (large - classifier)));
  expect(transfer[0]!.flops).toBe(6 * 10 * 4 * whole);
});

test('with equal compute the other arms take what SimCLR takes, to within a step, and what is counted is what ran', async () => {
  const notes: string[] = [];
  const { cells, pretrain } = await compare({
    ...{ ...experiment, equalCompute: true, out: at('equal') },
    onEvent: (event) => event.type === 'note' && notes.push(event.text),
  });
  const [supervised, transfer, semi] = (['supervised', 'transfer', 'semi-supervised'] as Arm[]).map(
    (arm) => cells.find((cell) => cell.arm === arm)!,
  ) as [CellResult, CellResult, CellResult];
  expect(semi.total.flops).toBe(pretrain[0]!.flops + semi.flops);
  expect(semi.steps).toBe(8);
  const step = 6 * 5 * multiplyAdds(airbench(), SIZE);
  for (const { total, steps } of [supervised, transfer]) {
    expect(Math.abs(total.flops - semi.total.flops)).toBeLessThan(step);
    expect(steps).toBeGreaterThan(8);
  }
  expect(supervised.total.flops).toBe(supervised.flops);
  expect(transfer.total.flops).toBeGreaterThan(transfer.flops);
  expect(semi.total.coreSeconds).toBeCloseTo(pretrain[0]!.seconds + semi.seconds, 6);
  expect(notes.join('\n')).not.toContain('keeps its');
});

test('an arm that takes more than SimCLR by itself keeps its steps, and it is said', async () => {
  const notes: string[] = [];
  const { cells } = await compare({
    ...{ ...experiment, arms: ['supervised', 'semi-supervised'], equalCompute: true, out: at('more') },
    pretrain: { ...experiment.pretrain, epochs: 1, limit: 8 },
    exceptions: [{ arms: ['supervised'], finetune: { epochs: 40 } }],
    onEvent: (event) => event.type === 'note' && notes.push(event.text),
  });
  expect(cells.find(({ arm }) => arm === 'supervised')!.steps).toBe(160);
  expect(notes.join('\n')).toMatch(
    /cells\/airbench\/supervised\/50pct\/seed0 keeps its 160 steps, which take more than SimCLR does/,
  );
});

test('accuracy is also given without the test images that are training images, counted image by image', async () => {
  for (let i = 0; i < 3; i++)
    copyFileSync(at('photos', 'train', 'a', `${i}.png`), at('photos', 'test', 'a', `twin${i}.png`));
  const { cells, table, twins } = await compare({ ...experiment, arms: ['supervised'], twins: true, out: at('twins') });
  expect(twins).toBeGreaterThanOrEqual(3);
  const [cell] = cells;
  const confused = cell!.metrics.confusion;
  const right = confused.reduce((sum, row, i) => sum + row[i]!, 0);
  // All twins show class a, so that those that are right are the difference between both counts.
  const rightAmongOthers = Math.round(cell!.withoutTwins! * (cell!.metrics.count - twins!));
  expect(right - rightAmongOthers).toBeGreaterThanOrEqual(0);
  expect(right - rightAmongOthers).toBeLessThanOrEqual(twins!);
  expect(table[0]!.withoutTwins).toBe(cell!.withoutTwins);
  const without = await compare({ ...experiment, arms: ['supervised'], twins: false, out: at('no-twins') });
  expect([without.twins, without.cells[0]!.withoutTwins]).toEqual([null, null]);
});

test('equal compute without the semi-supervised arm is refused', async () => {
  await expect(
    compare({ ...experiment, arms: ['supervised'], equalCompute: true, out: at('none') }),
  ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

describe('differences between arms', () => {
  const cell = (arm: Arm, seed: number, accuracy: number, fraction = 0.1) =>
    ({ model: 'm', arm, seed, fraction, labels: 100, metrics: { accuracy } }) as CellResult;
  const grid = { models: ['m'], fractions: [0.1] };

  test('are taken seed by seed: what a subset is worth to both cancels out', () => {
    const cells = [
      ...[0.5, 0.6, 0.7].map((accuracy, seed) => cell('supervised', seed, accuracy)),
      ...[0.61, 0.7, 0.79].map((accuracy, seed) => cell('semi-supervised', seed, accuracy)),
    ];
    const [difference] = pairedDifferences(cells, grid);
    expect(difference).toMatchObject({ arm: 'semi-supervised', than: 'supervised', n: 3, labels: 100 });
    expect(difference!.mean).toBeCloseTo(0.1, 12);
    expect(difference!.deviation).toBeCloseTo(0.01, 12);
    expect(difference!.half).toBeCloseTo((4.303 * 0.01) / Math.sqrt(3), 12);
  });

  test('leave out seeds that one arm lacks, and say nothing of the spread of one', () => {
    const cells = [cell('supervised', 0, 0.5), cell('supervised', 1, 0.1), cell('transfer', 0, 0.6)];
    expect(pairedDifferences(cells, grid)).toMatchObject([
      { arm: 'transfer', than: 'supervised', n: 1, deviation: null, half: null },
    ]);
    expect(pairedDifferences([cell('supervised', 0, 0.5)], grid)).toEqual([]);
  });
});
