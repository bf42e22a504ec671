/** @file The network of minutes: its whitening against the definition, any size of images, and what a training leaves alone. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Stem } from '../src/config/fields.js';
import { createModel } from '../src/models/create-model.js';

beforeAll(() => torch.load({ threads: 1 }));

const create = (stem: Stem = 'cifar', numClasses = 0) =>
  createModel('airbench', { numClasses, stem, generator: new torch.Generator(0) });
/** Pixels that depend on their neighbours, as those of pictures do. */
const pictures = (count: number, size: number) =>
  torch.scope(() => {
    const x = torch.randn([count, 3, size + 2, size + 2], { generator: new torch.Generator(1) });
    return torch.ops.avgPool2d(x, [3, 3], [1, 1]).mul(3).add(0.1);
  });

describe.each<[Stem, number]>([
  ['cifar', 2],
  ['cifar-half', 2],
  ['imagenet', 4],
])('with stem %s', (stem, side) => {
  test('the whitened patches are uncorrelated and of variance 1 along the directions that vary', () => {
    const network = create(stem);
    const images = pictures(64, 16);
    network.fitTo!(images);
    const weight = network.stateDict()['whiten.weight']!;
    expect(weight.shape).toEqual([24, 3, side, side]);
    // All patches, cut out one after the other.
    const rows: torch.Tensor[] = [];
    for (let y = 0; y + side <= 16; y += side)
      for (let x = 0; x + side <= 16; x += side)
        rows.push(images.narrow(2, y, side).narrow(3, x, side).reshape([64, -1]));
    const out = torch.cat(rows).matmul(weight.narrow(0, 0, 12).reshape([12, -1]).t());
    const second = out.t().matmul(out).div(out.shape[0]!); // [12, 12]
    const off = second.sub(torch.ops.diag(torch.ops.diagonal(second)));
    expect(off.abs().max().item()).toBeLessThan(1e-3); // float32 over thousands of patches
    for (const variance of torch.ops.diagonal(second).tolist()) {
      expect(variance).toBeLessThan(1 + 1e-3);
      expect(variance).toBeGreaterThan(0.5); // v / (v + 5e-4), for v >= 5e-4
    }
    expect(
      weight
        .narrow(0, 12, 12)
        .add(weight.narrow(0, 0, 12))
        .abs()
        .max()
        .item(),
    ).toBe(0);
    network.dispose();
  });
});

test('is fitted to the same weights each time, and to others by other images', () => {
  const fitted = (images: torch.Tensor) => {
    const network = create();
    network.fitTo!(images);
    return network.stateDict()['whiten.weight']!.clone();
  };
  const first = fitted(pictures(32, 16));
  expect(
    first
      .sub(fitted(pictures(32, 16)))
      .abs()
      .max()
      .item(),
  ).toBe(0);
  expect(
    first
      .sub(fitted(pictures(40, 16)))
      .abs()
      .max()
      .item(),
  ).toBeGreaterThan(0);
});

test.each<[Stem, number]>([
  ['cifar', 32],
  ['cifar', 33],
  ['cifar', 16],
  ['cifar', 8],
  ['cifar-half', 32],
  ['imagenet', 96],
  ['imagenet', 224],
])('stem %s takes images of %i pixels', (stem, size) => {
  using network = Object.assign(create(stem, 7), {
    [Symbol.dispose](this: { dispose(): void }) {
      this.dispose();
    },
  });
  const x = torch.zeros([2, 3, size, size]);
  expect(network.features(x).shape).toEqual([2, 512]);
  expect(network.forward(x).shape).toEqual([2, 7]);
});

test('the whitening is no parameter: no step changes it', () => {
  const network = create('cifar', 3);
  const names = [...network.namedParameters()].map(([name]) => name);
  expect(names).not.toContain('whiten.weight');
  expect(names).toContain('whiten.bias');
  expect(new Set(names.map((name) => network.stageOf(name)))).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(Object.keys(network.stateDict())).toContain('whiten.weight');
});
