/** @file Memory over 2,000 steps of pre-training in one process: flat within 2 % after the warm-up, live tensors the same to the last one. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, expect, test } from 'vitest';
import { type JobIo, parseConfig, pretrain, pretrainSchema } from '../src/index.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

const STEPS = 2000;
const WARM_UP = 500;

test('2,000 steps of pre-training neither hold on to tensors nor grow', async () => {
  await torch.load({ threads: 1 });
  const epochs = 20; // 100 steps each, with kNN and health after every fourth, and checkpoints by time
  const config = parseConfig(pretrainSchema, {
    ...{
      data: 'shapes',
      model: 'resnet10_narrow',
      precision: 'float32',
      threads: 1,
      batchSize: 16,
      limit: 1600,
      epochs,
    },
    ...{ heldOut: 200, k: 20, knnEvery: 4, checkpointMinutes: 0.1, out: join(root, 'run') },
  });
  const resident: number[] = [];
  const live = new Set<number>();
  let steps = 0;
  const onEvent: JobIo['onEvent'] = (event) => {
    if (event.type !== 'step' || ++steps <= WARM_UP) return;
    live.add(torch.liveTensors());
    resident.push(process.memoryUsage.rss());
  };
  await pretrain(config, { onEvent });
  expect(steps).toBe(STEPS);
  expect([...live]).toHaveLength(1);
  // Medians of the first and the last fifth: a garbage collection in between moves single readings.
  const fifth = Math.floor(resident.length / 5);
  const [first, last] = [median(resident.slice(0, fifth)), median(resident.slice(-fifth))];
  console.log(
    `resident: ${(first / 2 ** 20).toFixed(0)} MiB, then ${(last / 2 ** 20).toFixed(0)} MiB; live tensors ${[...live]}`,
  );
  expect(last / first).toBeLessThan(1.02);
});

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
