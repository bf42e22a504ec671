/** @file Pipelines of views: those of SimCLR's steps are the quick ones, every other order draws the same numbers, own steps keep their images. */
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import * as views from '../src/augment/steps.js';
import { drawsOf } from '../src/runs/random.js';

let images: torch.Tensor;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  const file = fileURLToPath(new URL('./fixtures/views.safetensors', import.meta.url));
  images = torch.safetensors.load(file).tensors.images!;
});

const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] };
const rows = drawsOf(3, 'pipeline');
const make = (pipeline: views.ViewPipeline, k = 2, of = images) => {
  const count = k * of.shape[0]!;
  return pipeline.draw(of.shape[3]!, rows, count)(of, 0, count, PLAIN);
};
const worst = (a: torch.Tensor, b: torch.Tensor) => a.sub(b).abs().max().item();
/** Changes nothing, and is no step of the standard views. */
const nothing = views.own('nothing', (x) => x);
const number = (x: torch.Tensor, ...at: number[]) => x.index(...at).item();

describe('the steps of SimCLR', () => {
  const { randomResizedCrop, flip, colourJitter, grayscale, blur } = views;
  test('are standard in their order alone', () => {
    const standard = views.compose(randomResizedCrop({ scale: [0.3, 1] }), flip(0.4), grayscale(0.1));
    expect(standard.standard).toMatchObject({ cropScale: [0.3, 1], flip: 0.4, grayscale: 0.1, blur: 0 });
    expect(views.simclr().standard).toMatchObject({ cropScale: [0.2, 1], flip: 0.5, grayscale: 0.2 });
    for (const other of [
      views.compose(flip(), randomResizedCrop()),
      views.compose(randomResizedCrop(), flip(), flip()),
      views.compose(randomResizedCrop({ ratio: [1, 1] })),
      views.compose(randomResizedCrop({ ratio: [3 / 4, 1] })),
      views.compose(randomResizedCrop(), nothing),
      views.compose(flip()),
    ])
      expect(other.standard).toBeNull();
  });

  // Sums of a few products in float32, then hue, which divides by the chroma.
  test('give the same views one after the other', () => {
    const steps = [randomResizedCrop(), flip(), colourJitter(), grayscale(0.5), blur(0.5)] as const;
    expect(worst(make(views.compose(...steps)), make(views.compose(...steps, nothing)))).toBeLessThan(2e-5);
  });
});

test('any part of the views can be made by itself', () => {
  const pipeline = views.compose(views.flip(), views.translate(), views.cutout(), views.solarize());
  const all = make(pipeline);
  const drawn = pipeline.draw(images.shape[3]!, rows, 2 * images.shape[0]!);
  const part = drawn(images.narrow(0, 1, 2), 2, 4, PLAIN);
  expect(worst(part, all.narrow(0, 2, 4))).toBe(0);
});

test('a second step of a name draws numbers of its own; two runs draw the same', () => {
  const once = make(views.compose(views.flip(0.5), nothing));
  const twice = make(views.compose(views.flip(0.5), views.flip(0.5)));
  expect(worst(once, twice)).toBeGreaterThan(0.1);
  expect(worst(twice, make(views.compose(views.flip(0.5), views.flip(0.5))))).toBe(0);
});

describe('steps by their definitions', () => {
  const some = () => torch.arange(3 * 64, { dtype: 'uint8' }).reshape([1, 3, 8, 8]);
  const single = (...steps: views.ViewStep[]) => make(views.compose(...steps, nothing), 1, some());
  const x = (c: number, i: number, j: number) => (64 * c + 8 * i + j) / 255;

  test('flip with probability 1 mirrors, with 0 does nothing', () => {
    expect(number(single(views.flip(1)), 0, 1, 2, 0)).toBeCloseTo(x(1, 2, 7), 6);
    expect(number(single(views.flip(0)), 0, 1, 2, 0)).toBeCloseTo(x(1, 2, 0), 6);
  });

  test('solarize inverts what is not below the threshold', () => {
    const out = single(views.solarize(1, { threshold: 0.3 }));
    for (const [c, i, j] of [
      [0, 0, 5],
      [1, 1, 4],
      [1, 1, 5],
      [2, 7, 7],
    ] as const) {
      const was = x(c, i, j);
      expect(number(out, 0, c, i, j)).toBeCloseTo(was >= 0.3 ? 1 - was : was, 6);
    }
  });

  test('translate moves by whole pixels, black where nothing is, each distance in turn', () => {
    const moved = make(views.compose(views.translate(0.25)), 200, some());
    const seen = new Set<string>();
    for (const view of moved.unbind(0)) {
      const distances = [-2, -1, 0, 1, 2].flatMap((dy) => [-2, -1, 0, 1, 2].map((dx) => [dy, dx] as const));
      const fits = distances.filter(([dy, dx]) => {
        for (let i = 0; i < 8; i++)
          for (let j = 0; j < 8; j++) {
            const [y, z] = [i + dy, j + dx];
            const right = y < 0 || z < 0 || y > 7 || z > 7 ? 0 : x(1, y, z);
            if (Math.abs(number(view, 1, i, j) - right) > 1e-6) return false;
          }
        return true;
      });
      expect(fits).toHaveLength(1);
      seen.add(String(fits[0]));
    }
    expect(seen.size).toBe(25);
  });

  test('cutout covers a square around a pixel, cut off at the border', () => {
    const covered = make(views.compose(views.cutout(0.5, { fill: 1 })), 100, some())
      .select(1, 0)
      .eq(1);
    const areas = new Set<number>();
    for (const view of covered.unbind(0)) {
      const [rowsOf, columnsOf] = [view.any(1), view.any(0)].map((side) => side.sum().item());
      expect(view.sum().item()).toBe(rowsOf! * columnsOf!);
      expect(Math.max(rowsOf!, columnsOf!)).toBeLessThanOrEqual(4);
      areas.add(rowsOf! * columnsOf!);
    }
    expect([...areas].sort((a, b) => a - b).at(-1)).toBe(16);
    expect(areas.size).toBeGreaterThan(4);
  });
});

test('steps have the defaults of their page', () => {
  const { compose } = views;
  for (const [left, right] of [
    [views.solarize(), views.solarize(0.2, { threshold: 0.5 })],
    [views.translate(), views.translate(0.125)],
    [views.cutout(), views.cutout(0.5, { fill: 0.5 })],
    [views.flip(), views.flip(0.5)],
    [views.grayscale(), views.grayscale(0.2)],
    [views.blur(), views.blur(0.5)],
    [views.randomResizedCrop(), views.randomResizedCrop({ scale: [0.2, 1], ratio: [3 / 4, 4 / 3] })],
    [views.colourJitter(), views.colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, p: 0.8 })],
    [views.randAugment(), views.randAugment({ operations: 2, strength: 9 })],
  ] as const)
    expect(compose(left).version).toBe(compose(right).version);
});

describe('own steps', () => {
  test('see [V, 3, S, S] in [0, 1] and numbers of each view', () => {
    const shapes: string[] = [];
    const add = (x: torch.Tensor, draw: (purpose: string, columns: number) => torch.Tensor) => {
      const by = draw('by', 1);
      shapes.push(String([...x.shape, ...by.shape]));
      return x.mul(0).add(by.to('float32').reshape([-1, 1, 1, 1]));
    };
    const out = make(views.compose(add)).select(1, 0).select(1, 0).select(1, 0);
    const [n, size] = [images.shape[0]!, images.shape[3]!];
    expect(shapes[0]).toBe(String([2 * n, 3, size, size, 2 * n, 1]));
    expect(
      worst(
        out,
        rows(0, 2 * n)('add/by', 1)
          .squeeze(1)
          .to('float32'),
      ),
    ).toBeLessThan(1e-7);
  });

  test('that return something else are refused with what they returned', () => {
    const wrong = views.own('halves', (x) => x.narrow(2, 0, 4));
    expect(() => make(views.compose(wrong))).toThrow(/returned \[\d+, 3, 4, \d+\] float32 for images/);
    expect(() => views.compose()).toThrow(/needs a step/);
    expect(() => views.flip(2)).toThrow(/from 0 to 1/);
  });

  test('are told apart by name, text and version', () => {
    const versions = [
      views.compose(views.own('a', (x) => x)),
      views.compose(views.own('b', (x) => x)),
      views.compose(views.own('a', (x) => x.neg())),
      views.compose(views.own('a', (x) => x, { version: '2' })),
      views.compose(views.flip(0.5)),
      views.compose(views.flip(0.6)),
    ].map(({ version }) => version);
    expect(new Set(versions).size).toBe(versions.length);
    expect(views.compose(views.flip(0.5)).version).toBe(versions[4]);
  });
});
