/** @file The table and the CSV of an experiment, against numbers made by hand. */
import { expect, test } from 'vitest';
import type { Cell } from '../src/experiment/jobs.js';
import { csvOf, tableOf } from '../src/experiment/summarise.js';
import { cellResult } from './experiment-folder.js';

const cell = (arm: Cell['arm'], fraction: number, seed: number): Cell => ({
  ...{ kind: 'cell', id: `${arm}/${fraction}/${seed}`, model: 'resnet10_narrow', seed, arm, fraction, needs: null },
});

test('mean and sample deviation over the seeds, in the order of the jobs', () => {
  const order = [0, 1, 2].flatMap((seed) => [cell('supervised', 0.1, seed), cell('transfer', 0.1, seed)]);
  const results = [
    cellResult({ arm: 'transfer', fraction: 0.1, seed: 0, accuracy: 0.5 }),
    ...[0.2, 0.4, 0.9].map((accuracy, seed) => cellResult({ arm: 'supervised', fraction: 0.1, seed, accuracy })),
  ];
  const table = tableOf(results, order);
  expect(table.map(({ arm, n }) => [arm, n])).toEqual([
    ['supervised', 3],
    ['transfer', 1],
  ]);
  // mean 0.5; squares 0.09 + 0.01 + 0.16 = 0.26, halved 0.13, root 0.360555...
  expect(table[0]!.mean).toBeCloseTo(0.5, 12);
  expect(table[0]!.deviation).toBeCloseTo(0.360555127546, 12);
  expect(table[1]).toMatchObject({ mean: 0.5, deviation: null });
});

test('a cell without any result has no row', () => {
  const order = [cell('supervised', 0.1, 0), cell('supervised', 1, 0)];
  expect(tableOf([cellResult({ arm: 'supervised', fraction: 1, seed: 0, accuracy: 1 })], order).length).toBe(1);
  expect(tableOf([], order)).toEqual([]);
});

test('results.csv has a line a cell with as many values as names', () => {
  const csv = csvOf([
    cellResult({ arm: 'supervised', fraction: 0.01, seed: 0, accuracy: 0.25 }),
    cellResult({ arm: 'semi-supervised', fraction: 0.01, seed: 0, accuracy: 0.75 }),
  ]);
  const [head, ...lines] = csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  expect(lines.map((line) => line.length)).toEqual([head!.length, head!.length]);
  const row = Object.fromEntries(head!.map((name, i) => [name, lines[1]![i]]));
  expect(row).toEqual({
    ...{ model: 'resnet10_narrow', arm: 'semi-supervised', fraction: '0.01', seed: '0', labels: '80', steps: '20' },
    ...{ accuracy: '0.75', top5: '0.9', ece: '0.05', test_loss: '1.5', train_loss: '1.25', parameters: '308826' },
    ...{ seconds: '12.5', evaluated_on: 'test', total_flops: '5000000000000', total_core_seconds: '60.0' },
    accuracy_without_twins: '0.74',
  });
  expect(csv.endsWith('\n')).toBe(true);
});
