/** @file The kernel of views, its very source run on the CPU, against the views that augment/ makes of the same numbers. */
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyViews, sampleViews, type ViewOptions } from '../src/augment/views.js';
import { VIEWS_KERNEL } from '../src/augment/views-kernel.js';
import { kernelCall } from '../src/augment/views-on-gpu.js';
import { draws, streamKey } from '../src/runs/random.js';

interface Program extends Disposable {
  run(buffers: Record<string, Uint8Array>): Record<string, Uint8Array>;
}
type Compile = (source: string, body: string, names: string[]) => Program;
const tools: string = '../../torch/test/kernels/run-on-cpu.js';
const { compileForCpu } = (await import(tools)) as { compileForCpu: Compile };

let images: torch.Tensor;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  const file = fileURLToPath(new URL('./fixtures/views.safetensors', import.meta.url));
  images = torch.safetensors.load(file).tensors.images!;
  program = compileForCpu(VIEWS_KERNEL, BODY, ['images', 'indices', 'out', 'shape', 'integers', 'numbers']);
}, 60_000);
afterAll(() => program[Symbol.dispose]());

let program: Program;
const [INTEGERS, NUMBERS] = [11, 21];
/** The kernel's own arguments, after its tensors, in the order in which they are given. */
const BODY = `
  const auto* const i = (Int*)integers;
  const auto* const d = (double*)numbers;
  const auto* const size = (unsigned int*)shape;
  onCpu::run(size[0], size[1], size[2], [&] {
    makeViews((unsigned char*)images, (Int*)indices, (float*)out,
      ${Array.from({ length: INTEGERS }, (_, at) => `i[${at}]`).join(', ')},
      ${Array.from({ length: NUMBERS }, (_, at) => `d[${at}]`).join(', ')});
  });`;

const NORMALISATION = { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };
const full: ViewOptions = {
  cropScale: [0.08, 1],
  flip: 0.5,
  jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  grayscale: 0.2,
  blur: 0,
};
const plain = { ...full.jitter, probability: 0 };

const bytesOf = (x: torch.Tensor) => {
  const array = x.contiguous().toTypedArray();
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
};

test.each<[string, ViewOptions, number, number?]>([
  ['everything on', full, 32],
  ['views smaller than the images', full, 32, 24],
  [
    'strong colours',
    { ...full, jitter: { probability: 1, brightness: 0.9, contrast: 0.9, saturation: 0.9, hue: 0.5 } },
    32,
  ],
  ['crops and mirror images alone', { ...full, jitter: plain, grayscale: 0 }, 32],
  ['a side that is no power of two', full, 19],
])('%s: mean error below 1e-6, and nearly no pixel elsewhere', (_, options, size, side = size) => {
  const some = images.narrow(2, 0, size).narrow(3, 0, size).contiguous();
  const indices = torch.tensor([2, 0, 1, 2, 0, 3], { dtype: 'int64' }).remainder(some.shape[0]!);
  const first = 10;
  const views = 2 * indices.numel();
  const draw = draws(5, 'views', 3, { from: first, count: views });
  const right = applyViews(some.indexSelect(0, indices), sampleViews(size, options, draw), NORMALISATION, side);

  const keyOf = (purpose: string) => streamKey(5, `views/${purpose}`, 3);
  const { blocks, threads, sharedBytes, integers, numbers } = kernelCall(
    { images: some, indices, side, first, keyOf },
    options,
    NORMALISATION,
  );
  expect([integers.length, numbers.length]).toEqual([INTEGERS, NUMBERS]);
  const { out } = program.run({
    ...{ images: bytesOf(some), indices: bytesOf(indices) },
    out: new Uint8Array(views * 3 * side * side * 4).fill(255), // not a number
    shape: new Uint8Array(Uint32Array.of(blocks, threads, sharedBytes).buffer),
    integers: new Uint8Array(BigInt64Array.from(integers, BigInt).buffer),
    numbers: new Uint8Array(Float64Array.from(numbers).buffer),
  });
  const found = torch.tensor(new Float32Array(out!.buffer), { shape: [views, side, side, 3] }).permute([0, 3, 1, 2]);
  const error = found.sub(right).abs();
  expect(error.mean().item()).toBeLessThan(1e-6);
  // Hue divides by the chroma: a gray pixel's may turn anywhere, by rounding alone.
  expect(error.gt(1e-3).to('float32').mean().item()).toBeLessThan(1e-3);
});
