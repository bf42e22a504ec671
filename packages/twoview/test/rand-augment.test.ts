/** @file Each operation of RandAugment against torchvision's, and what a step of it draws. */
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { applyRandOperations, RAND_OPERATIONS, randAugment } from '../src/augment/rand-augment.js';
import { compose } from '../src/augment/steps.js';
import { drawsOf } from '../src/runs/random.js';

let fixture: Record<string, torch.Tensor>;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  fixture = torch.safetensors.load(
    fileURLToPath(new URL('./fixtures/rand-augment.safetensors', import.meta.url)),
  ).tensors;
});

test.each(RAND_OPERATIONS.map((name, i) => [name, i] as const))("%s equals torchvision's, with both signs", (_, i) => {
  torch.scope(() => {
    const image = fixture.image!.to('float32').div(255).unsqueeze(1); // [3, 1, S, S]
    for (const [j, sign] of [1, -1].entries()) {
      const made = applyRandOperations(image, torch.tensor([i], { dtype: 'int64' }), torch.tensor([sign]), 9);
      const right = fixture.made!.select(0, 2 * i + j);
      const errors = made.squeeze(1).sub(right).abs().gt(2e-6).to('float32').mean().item();
      // Where a pixel lies half-way between two, rounding may take the other one.
      expect(errors).toBeLessThan(/shear|rotate/.test(RAND_OPERATIONS[i]!) ? 0.02 : 1e-9);
    }
  });
});

test('automatic contrast leaves an image of one colour as it is', () => {
  const plain = torch.full([3, 1, 8, 8], 0.25);
  const operation = torch.tensor([RAND_OPERATIONS.indexOf('autoContrast')], { dtype: 'int64' });
  expect(
    applyRandOperations(plain, operation, torch.tensor([1]), 9)
      .sub(plain)
      .abs()
      .max()
      .item(),
  ).toBe(0);
});

const N = 400;

test('each image gets operations of its own, the same ones each time; strength 0 changes next to nothing', () => {
  const images = fixture.image!.unsqueeze(0).expand([N, 3, 16, 16]).contiguous();
  const plain = { mean: [0, 0, 0], std: [1, 1, 1] };
  const make = (strength: number) => {
    const pipeline = compose(randAugment({ strength }));
    return pipeline.draw(16, drawsOf(1, 'rand'), N)(images, 0, N, plain);
  };
  const strong = make(15);
  expect(strong.sub(make(15)).abs().max().item()).toBe(0);
  const distances = strong.sub(images.to('float32').div(255)).abs().mean([1, 2, 3]).tolist();
  expect(new Set(distances.map((x) => x.toFixed(5))).size).toBeGreaterThan(50);
  const weak = make(0).sub(images.to('float32').div(255)).abs().mean([1, 2, 3]);
  // Of two operations of 13 each, auto contrast and solarizing what is white do something all the same: (11 / 13)^2 = 0.716 do not.
  const same = weak.lt(1e-6).to('float32').mean().item();
  expect(Math.abs(same - (11 / 13) ** 2)).toBeLessThan(3 * Math.sqrt((0.716 * 0.284) / N));
  expect(() => randAugment({ strength: 31 })).toThrow(/from 0 to 30/);
});
