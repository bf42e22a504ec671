/** @file The first loss of a fine-tuning with mixup, by its definition: the same share of both labels' cross entropies, on mixed images. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainViews } from '../src/augment/views.js';
import { EpochOrder } from '../src/data/epoch-order.js';
import { mixup } from '../src/finetune/mixup.js';
import { createModel, finetune, openImages } from '../src/index.js';
import { draws, streamGenerator } from '../src/runs/random.js';
import { readMetrics } from '../src/runs/run-folder.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test']) await classFolders(join(root, 'data', part), ['a', 'b'], 8, 16);
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([0, 1])('mixup %d', async (alpha) => {
  const [data, out, batchSize] = [join(root, 'data'), join(root, `run${alpha}`), 16];
  await finetune({
    ...{ data, out, batchSize, model: 'resnet10_narrow', stem: 'cifar', epochs: 1, lr: 1e-12, weightDecay: 0 },
    ...{ mixup: alpha, cropScaleMin: 1, flip: 0, labelSmoothing: 0.1, precision: 'float32', threads: 1, device: 'cpu' },
  });
  const [first] = readMetrics(out);
  using set = await openImages(data);
  const { tensors, metadata } = torch.safetensors.load(join(out, 'checkpoints/last.safetensors'));
  const network = createModel('resnet10_narrow', { numClasses: 2, stem: 'cifar' });
  network.loadStateDict(tensors, { strict: false });
  using order = new EpochOrder(
    Array.from({ length: 16 }, (_, i) => i),
    batchSize,
    0,
  );
  const loss = torch.scope(() =>
    torch.noGrad(() => {
      const index = order.batch(0);
      const x = plainViews(set.train.images.indexSelect(0, index), JSON.parse(metadata.normalisation!));
      const y = set.train.labels.indexSelect(0, index);
      const options = { labelSmoothing: 0.1 };
      if (alpha === 0) return torch.crossEntropy(network.forward(x), y, options).item();
      const draw = draws(0, 'mixup', 0, { count: batchSize });
      const mixed = mixup(x, y, alpha, streamGenerator(0, 'mixup', 0), draw);
      const logits = network.forward(mixed.x);
      const [own, other] = [y, mixed.partner].map((labels) => torch.crossEntropy(logits, labels, options).item());
      expect(mixed.share).toBeGreaterThan(0.02);
      expect(mixed.share).toBeLessThan(0.98); // else both halves would be one
      return mixed.share * own! + (1 - mixed.share) * other!;
    }),
  );
  network.dispose();
  expect(first!.loss).toBeCloseTo(loss, 5);
});
