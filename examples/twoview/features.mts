/**
 * @file Representations for another program: one file that Python reads with `safetensors.numpy.load_file('features.safetensors')`, and a
 * CSV whose line i names row i. Similar images are then a matter of a matrix product.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { embed, pretrain } from 'twoview';

const out = mkdtempSync(join(tmpdir(), 'features-'));
const run = await pretrain({
  ...{ data: 'shapes', model: 'resnet10_narrow', out: join(out, 'run'), precision: 'float32' },
  ...{ epochs: 1, batchSize: 64, limit: 512, heldOut: 0, k: 20 },
});
const { file, index, count, featureSize } = await embed({
  ...{ data: 'shapes', split: 'test', weights: run, out: join(out, 'features.safetensors') },
});
console.log(`${count} images, ${featureSize} numbers each`);

const { tensors } = torch.safetensors.load(file);
const names = readFileSync(index, 'utf8').trim().split('\n').slice(1);
torch.scope(() => {
  const unit = torch.normalize(tensors.features!, { dim: 1 });
  const [, nearest] = torch.topk(unit.matmul(unit.index(0)), 4, { dim: 0 });
  console.log(
    `image ${names[0]} looks like ${nearest!
      .tolist<number>()
      .slice(1)
      .map((i) => names[i])
      .join(' and ')}`,
  );
});
