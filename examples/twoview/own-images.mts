/** @file Images that are in no file: stripes, generated here. They could come from a database, a camera or a simulation as well. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { imageSet, knn, pretrain } from 'twoview';

const [SIZE, DIRECTIONS] = [16, 4];

/** Stripes in one of four directions with a random phase and colour: [N, 3, S, S] uint8, and their classes. */
function stripes(count: number): { images: torch.Tensor; labels: number[] } {
  const labels = Array.from({ length: count }, (_, i) => i % DIRECTIONS);
  const images = torch.scope(() => {
    const angle = torch
      .tensor(labels)
      .mul(Math.PI / DIRECTIONS)
      .reshape([count, 1, 1, 1]);
    const phase = torch.rand(count, 1, 1, 1).mul(2 * Math.PI);
    const along = torch.arange(SIZE).float();
    const across = along.reshape([1, 1, SIZE, 1]).mul(angle.sin()).add(along.mul(angle.cos()));
    const wave = across.add(phase).sin().mul(0.5).add(0.5); // [N, 1, S, S]
    return wave
      .mul(torch.rand(count, 3, 1, 1))
      .mul(255)
      .to('uint8');
  });
  return { images, labels };
}

await torch.load();
torch.manualSeed(0);
using data = await imageSet({
  name: 'stripes',
  train: stripes(512),
  test: stripes(128),
  classes: ['-', '/', '|', '\\'],
});
const out = join(mkdtempSync(join(tmpdir(), 'own-images-')), 'run');
const run = await pretrain({
  data,
  encoder: 'resnet10_narrow',
  epochs: 3,
  batchSize: 64,
  flip: 0, // a flipped / is a \
  heldOut: 0,
  precision: 'float32',
  out,
});
const { metrics } = await knn({ data, weights: run, k: 20 });
console.log(`kNN ${metrics.accuracy.toFixed(2)} of ${metrics.count} images, chance ${1 / DIRECTIONS}`);
