/** @file SimCLR learns: on generated shapes its representations beat those of the random weights that it began with, for every seed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PRESETS } from '../src/experiment/presets.js';
import { inspect, inspectSchema, type PretrainOptions, parseConfig, pretrain } from '../src/index.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));
const recipe = PRESETS.quickstart!.settings.pretrain as Partial<PretrainOptions>;
const machine = { precision: 'float32', threads: 2, device: 'cpu' } as const;

// A difference of two accuracies of 2,000 images has a standard error of about 0.013.
test.each([0, 1])('seed %i: kNN of the test images rises by 10 points at least', async (seed) => {
  const out = join(root, `seed${seed}`);
  await pretrain({
    ...{ ...recipe, ...machine, data: 'shapes', model: 'resnet10_narrow', stem: 'cifar-half', seed, out },
    ...{ epochs: 6, heldOut: 0, method: 'simclr' },
  });
  const looked = { ...machine, run: out, k: 50, out: join(root, `seen${seed}`) };
  const { precision: _, ...settings } = looked;
  const { knnTest } = await inspect(parseConfig(inspectSchema, settings));
  console.log(`seed ${seed}: kNN ${knnTest!.before} before, ${knnTest!.after} after`);
  expect(knnTest!.after - knnTest!.before).toBeGreaterThan(0.1);
});
