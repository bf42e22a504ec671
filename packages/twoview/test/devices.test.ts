/**
 * @file What can be said of devices without a GPU: one that is not there is refused by name, and metrics are taken on the CPU
 * wherever logits are. That tensors are never mixed shows only on a GPU (PyTorch's `meta` device lets them mix), where
 * scripts/gpu-check runs all of it.
 */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { metricsOf } from '../src/evaluate/metrics.js';
import { createModel } from '../src/models/create-model.js';
import { place } from '../src/models/resolve.js';

beforeAll(async () => {
  process.env.TWOVIEW_CUDA = 'off'; // so that a machine with a GPU gives the same results here
  await torch.load();
});

test('metrics look at logits and labels on the CPU, wherever they are', () => {
  const there = torch.zeros([2, 2], { device: 'meta' });
  const labels = torch.tensor([0, 0], { dtype: 'int64' });
  // `meta` has no values to copy, and says so: the copy was asked for.
  expect(() => metricsOf(there, labels)).toThrow(/copy.*meta|meta.*copy/i);
});

test('a GPU that is not there is refused by name before anything is moved', () => {
  const model = createModel('resnet10_narrow', { numClasses: 0 });
  const settings = { device: 'cuda', precision: 'auto', deterministic: true } as const;
  expect(() => place(model, { name: 'x', imageSize: 32 }, settings, {})).toThrow(
    expect.objectContaining({ code: 'CUDA_UNAVAILABLE' }),
  );
  expect(model.parameters()[0]!.device).toBe('cpu');
});
