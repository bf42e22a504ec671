/**
 * @file Representations for another program: a safetensors file, which Python reads with `safetensors.numpy.load_file`, and a CSV that says
 * which image each row is of. A matrix product then finds similar images.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { embed, pretrain } from 'twoview';

const out = mkdtempSync(join(tmpdir(), 'features-'));
const run = await pretrain({
  data: 'shapes',
  encoder: 'resnet10_narrow',
  epochs: 1,
  batchSize: 64,
  limit: 512,
  heldOut: 0,
  precision: 'float32',
  out: join(out, 'run'),
});
const { file, index, count, featureSize } = await embed({
  data: 'shapes',
  split: 'test',
  weights: run,
  out: join(out, 'features.safetensors'),
});
console.log(`${count} images, ${featureSize} numbers each`);

const { tensors } = torch.safetensors.load(file);
const names = readFileSync(index, 'utf8').trim().split('\n').slice(1);
torch.scope(() => {
  const unit = torch.normalize(tensors.features!, { dim: 1 });
  const [, nearest] = torch.topk(unit.matmul(unit.index(0)), 4, { dim: 0 });
  const similar = nearest!.tolist<number>().slice(1); // the first is the image itself
  console.log(`image ${names[0]} looks like ${similar.map((i) => names[i]).join(' and ')}`);
});
