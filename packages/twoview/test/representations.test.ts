/** @file Representations that a pre-training tells: of the same images, those of its own encoder, and without an effect on the run. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, expect, test } from 'vitest';
import { embed, type PretrainOptions, pretrain, type RepresentationsReport } from '../src/index.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

interface Told extends Omit<RepresentationsReport, 'features'> {
  /** [images, d], one after the other. */
  features: number[];
}

test('representations are told before the first epoch and after measured ones, and change nothing', async () => {
  const data = join(root, 'images');
  await classFolders(data, ['a', 'b'], 20);
  const settings: Omit<PretrainOptions, 'out'> = {
    ...{ data, model: 'resnet10_narrow', epochs: 5, knnEvery: 2, batchSize: 8, heldOut: 6, warmupEpochs: 0 },
    ...{ imageSize: 16, precision: 'float32', threads: 1 },
  };
  const run = (name: string) => join(root, name);
  const told: Told[] = [];
  await pretrain({
    ...settings,
    out: run('told'),
    onRepresentations: ({ epoch, images, features }) =>
      told.push({ epoch, images, features: features.tolist() as number[] }),
  });
  await pretrain({ ...settings, out: run('silent') });
  const bytes = (name: string) => readFileSync(join(run(name), 'checkpoints', 'last.safetensors'));
  expect(bytes('told').equals(bytes('silent'))).toBe(true);

  expect(told.map(({ epoch }) => epoch)).toEqual([0, 2, 4, 5]);
  const { heldOut } = JSON.parse(readFileSync(join(run('told'), 'indices.json'), 'utf8'));
  for (const { images } of told) expect(images.slice(0, 6)).toEqual(heldOut);
  expect(told[0]!.features).not.toEqual(told[3]!.features);

  const out = join(root, 'features.safetensors');
  await embed({ data, weights: run('told'), out, imageSize: 16, precision: 'float32', threads: 1 });
  const all = torch.safetensors.load(out).tensors.features!.tolist() as number[];
  const last = told[3]!;
  const d = last.features.length / last.images.length;
  const row = (of: number[], at: number) => of.slice(d * at, d * (at + 1));
  last.images.forEach((image, i) => {
    const expected = row(all, image);
    const farthest = Math.max(...row(last.features, i).map((value, k) => Math.abs(value - expected[k]!)));
    expect(farthest).toBeLessThan(1e-4); // batches of other images: sums in another order
  });
});
