import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { beforeAll, expect, test, vi } from 'vitest';
import { blur, blurKernelSize } from '../src/augment/blur.js';
import { colourJitter, grayscale } from '../src/augment/colour.js';
import { applyCrops, type Crops, sampleCrops } from '../src/augment/crop.js';
import { applyViews, sampleViews, type ViewOptions } from '../src/augment/views.js';
import { draws } from '../src/runs/random.js';

let fixture: Record<string, torch.Tensor>;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  fixture = torch.safetensors.load(fileURLToPath(new URL('./fixtures/views.safetensors', import.meta.url))).tensors;
});

const f = (name: string) => fixture[name]!.to('float32');
const crops = (): Crops => ({
  top: f('top'),
  left: f('left'),
  height: f('height'),
  width: f('width'),
  flip: f('flip'),
});
/** [N, 3, S, S] as the colours take it. */
const channelsFirst = (x: torch.Tensor) => x.permute([1, 0, 2, 3]).contiguous();
const worst = (a: torch.Tensor, b: torch.Tensor) => a.sub(b).abs().max().item();

// Sums of a few terms in [0, 1], in float32.
const SUMS = 2e-6;
// Hue divides by the chroma, which may be small: one float32 step there is amplified.
const COLOUR = 2e-5;

test("crop, antialiased resize and flip equal torchvision's", () => {
  expect(worst(applyCrops(f('images').div(255), crops()), channelsFirst(f('cropped')))).toBeLessThan(SUMS);
});

test("colour jitter in each image's own order equals torchvision's", () => {
  const x = colourJitter(channelsFirst(f('cropped')), { order: fixture.order!, factors: f('factors') });
  expect(worst(x, channelsFirst(f('jittered')))).toBeLessThan(COLOUR);
});

test("grayscale and blur equal torchvision's", () => {
  const gray = grayscale(channelsFirst(f('jittered')), fixture.gray!.gt(0));
  expect(worst(gray, channelsFirst(f('grayed')))).toBeLessThan(SUMS);
  expect(worst(blur(gray, f('sigma')), channelsFirst(f('blurred')))).toBeLessThan(SUMS);
});

test.each([
  [8, 3],
  [32, 3],
  [59, 5],
  [96, 9],
  [224, 23],
])("blur's kernel for %i pixels has %i: odd, about a tenth, 3 at least", (size, kernel) => {
  expect(blurKernelSize(size)).toBe(kernel);
});

const rounded = (x: torch.Tensor) => x.tolist().map((v) => Math.round(v * 100) / 100);

const poster: ViewOptions = {
  cropScale: [0.08, 1],
  flip: 0.5,
  jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  grayscale: 0.2,
  blur: 0,
};

test('what was drawn has the ranges and frequencies of the recipe', () => {
  const n = 40_000;
  const drawn = sampleViews(32, poster, draws(1, 'test', 0, { count: n }));
  const mean = (x: torch.Tensor) => x.to('float32').mean().item();
  // Standard errors at n = 40,000: 0.0025 for p = 0.5, 0.002 for p = 0.2; four of them are allowed.
  expect(Math.abs(mean(drawn.crops.flip) - 0.5)).toBeLessThan(0.01);
  expect(Math.abs(mean(drawn.gray!) - 0.2)).toBeLessThan(0.008);
  const off = drawn.jitter!.factors.eq(torch.tensor([1, 1, 1, 0])).all(1);
  expect(Math.abs(mean(off) - 0.2)).toBeLessThan(0.008);
  const factors = drawn.jitter!.factors;
  expect(rounded(factors.amin([0]))).toEqual([0.6, 0.6, 0.6, -0.1]);
  expect(rounded(factors.amax([0]))).toEqual([1.4, 1.4, 1.4, 0.1]);
  // Each operation comes first a quarter of the time.
  for (const first of [0, 1, 2, 3])
    expect(Math.abs(mean(drawn.jitter!.order.select(1, 0).eq(first)) - 0.25)).toBeLessThan(0.009);
});

test('crops lie inside the image, and their areas are those of torchvision', () => {
  const n = 40_000;
  const c = sampleCrops(32, { scale: [0.08, 1], flip: 0 }, draws(2, 'test', 0, { count: n }));
  expect(c.top.add(c.height).max().item()).toBeLessThanOrEqual(32);
  expect(c.left.add(c.width).max().item()).toBeLessThanOrEqual(32);
  expect(torch.ops.minimum(c.top, c.left).min().item()).toBe(0);
  expect(torch.ops.minimum(c.height, c.width).min().item()).toBeGreaterThanOrEqual(7);
  // RandomResizedCrop.get_params of torchvision 0.26, 40,000 draws after manual_seed(0); standard error 0.0013 on either side.
  const area = c.height.mul(c.width).div(1024).mean().item();
  expect(Math.abs(area - AREA)).toBeLessThan(0.006);
});
const AREA = 0.4894;

test('the same numbers make the same views, and chunks change nothing', () => {
  const images = fixture.images!.repeat([40, 1, 1, 1]);
  const norm = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const make = () => applyViews(images, sampleViews(32, poster, draws(3, 'test', 0, { count: 640 })), norm);
  const a = make();
  expect(a.shape).toEqual([640, 3, 32, 32]);
  expect(a.isContiguous({ memoryFormat: 'channels_last' })).toBe(true);
  expect(worst(a, make())).toBe(0);
  const parameters = sampleViews(32, poster, draws(3, 'test', 0, { count: 640 }));
  const firstImages = {
    ...parameters,
    crops: mapped(parameters.crops),
    jitter: { order: head(parameters.jitter!.order), factors: head(parameters.jitter!.factors) },
    gray: head(parameters.gray!),
  };
  expect(worst(a.narrow(0, 0, 4), applyViews(images.narrow(0, 0, 2), firstImages, norm))).toBeLessThan(1e-6);
});
const head = (x: torch.Tensor) => x.narrow(0, 0, 4);
const mapped = (c: Crops): Crops => ({
  top: head(c.top),
  left: head(c.left),
  height: head(c.height),
  width: head(c.width),
  flip: head(c.flip),
});

test('without looking at what was drawn, as on a GPU, views are the same', async () => {
  const images = fixture.images!.repeat([8, 1, 1, 1]);
  const options = { ...poster, blur: 0.5 };
  const drawn = sampleViews(32, options, draws(4, 'test', 0, { count: 2 * images.shape[0]! }));
  const norm = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const looking = applyViews(images, drawn, norm);
  const reads = vi.spyOn(torch.Tensor.prototype, 'tolist');
  const host = await import('../src/augment/host-reads.js');
  vi.spyOn(host.hostReads, 'may').mockReturnValue(false);
  const unread = applyViews(images, drawn, norm);
  expect(reads).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  // Unchanged images go through the operations with factors that change nothing: hue there and back costs some float32 steps.
  expect(worst(unread, looking)).toBeLessThan(4 * COLOUR);
});
