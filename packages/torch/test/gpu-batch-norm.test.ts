/** @file The GPU's batch norm, its very source run on the CPU, against libtorch's in float64. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOnCpu } from './kernels/run-on-cpu.js';

beforeAll(() => torch.load());

const file = fileURLToPath(new URL('../native/cuda/batch_norm_kernels.h', import.meta.url)).replace('/dist/', '/');
const source = /R"cuda\(([\s\S]*)\)cuda"/.exec(readFileSync(file, 'utf8'))![1]!;

const EPS = 1e-5;
const MOMENTUM = 0.1;
const ACTIVATIONS = { none: 0, relu: 1, silu: 2 } as const;
type Activation = keyof typeof ACTIVATIONS;

interface Case {
  shape: [number, number, number, number];
  activation: Activation;
  added: boolean;
  half: boolean;
}

const bytesOf = (x: torch.Tensor) => {
  const array = x.toTypedArray();
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
};

function inputs({ shape, half }: Case) {
  const [, channels] = shape;
  const generator = new torch.Generator(7);
  const dtype = half ? 'bfloat16' : 'float32';
  const normals = (sizes: readonly number[]) => torch.randn([...sizes], { generator });
  // A mean that is large beside the deviation: sums of squares must not lose it.
  const maps = () =>
    normals(shape)
      .add(normals([1, channels, 1, 1]).mul(20))
      .to(dtype);
  const positive = () => normals([channels]).abs().add(0.5);
  return {
    x: maps(),
    plus: normals(shape).to(dtype),
    dy: normals(shape).to(dtype),
    weight: positive(),
    bias: normals([channels]),
    mean: normals([channels]),
    variance: positive(),
  };
}

/** By libtorch's operators in float64, on the same numbers. */
function expected(given: ReturnType<typeof inputs>, { activation, added }: Case) {
  const wide = Object.fromEntries(
    Object.entries(given).map(([name, x]) => [name, x.to({ dtype: 'float64', copy: true })]),
  );
  const leaves = ['x', 'plus', 'weight', 'bias'].map((name) => wide[name]!);
  for (const leaf of leaves) leaf.requiresGrad = true;
  const [x, plus, weight, bias] = leaves as [torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor];
  const { mean, variance, dy } = wide as Record<string, torch.Tensor>;
  const normal = torch.ops.batchNorm(x, weight, bias, mean!, variance!, true, MOMENTUM, EPS, false);
  const z = added ? normal.add(plus) : normal;
  const y = activation === 'relu' ? z.relu() : activation === 'silu' ? z.silu() : z;
  const [dx, dPlus, dWeight, dBias] = torch.grad(y, leaves, { gradOutputs: [dy!] });
  return { y, dx: dx!, dPlus, dWeight: dWeight!, dBias: dBias!, mean: mean!, variance: variance! };
}

/** By the kernels, in the order in which native/cuda/batch_norm.cc asks for them. */
function found(given: ReturnType<typeof inputs>, { shape, activation, added, half }: Case) {
  const [n, channels, height, width] = shape;
  const rows = n * height * width;
  const blocks = 3;
  const lie = (x: torch.Tensor) => bytesOf(x.permute([0, 2, 3, 1]).contiguous());
  const floats = (count: number) => new Uint8Array(4 * count).fill(255); // not a number
  const size = rows * channels * (half ? 2 : 4);
  const code = ACTIVATIONS[activation];
  const finish = `onCpu::run(${Math.ceil(channels / 32)}, 256, 0`;
  const stored = added && activation !== 'none';
  const out = runOnCpu(
    source,
    `
    const Element *X = (Element*)x, *PLUS = ${added ? '(Element*)plus' : 'nullptr'}, *DY = (Element*)dy;
    Element *Y = (Element*)y, *DZ = ${stored ? '(Element*)dz' : 'nullptr'};
    float *LINE = (float*)line, *PARTIAL = (float*)partial, *WAYS = (float*)ways;
    onCpu::run(${blocks}, 256, 0, [&] { moments(X, PARTIAL, ${rows}, ${channels}); });
    ${finish}, [&] { statistics(X, PARTIAL, (float*)weight, (float*)bias, (float*)mean, (float*)variance, LINE, ${blocks}, ${rows}, ${channels}, ${EPS}, ${MOMENTUM}); });
    onCpu::run(${blocks}, 256, 0, [&] { normalise(X, PLUS, LINE, Y, ${rows}, ${channels}, ${code}); });
    onCpu::run(${blocks}, 256, 0, [&] { gradientSums(DY, X, ${added && activation === 'relu' ? 'Y' : 'nullptr'}, LINE, DZ, PARTIAL, ${rows}, ${channels}, ${code}); });
    ${finish}, [&] { gradientWays(PARTIAL, LINE, (float*)dWeight, (float*)dBias, WAYS, ${blocks}, ${rows}, ${channels}); });
    onCpu::run(${blocks}, 256, 0, [&] { propagate(${stored ? 'DZ' : 'DY'}, X, LINE, WAYS, (Element*)dx, ${rows}, ${channels}, ${stored ? 0 : code}); });`,
    {
      ...{ x: lie(given.x), plus: lie(given.plus), dy: lie(given.dy) },
      ...Object.fromEntries(
        ['weight', 'bias', 'mean', 'variance'].map((name) => [name, bytesOf(given[name as 'bias'])]),
      ),
      ...{ y: new Uint8Array(size).fill(255), dz: new Uint8Array(size).fill(255), dx: new Uint8Array(size).fill(255) },
      ...{ line: floats(4 * channels), partial: floats(2 * blocks * channels), ways: floats(3 * channels) },
      ...{ dWeight: floats(channels), dBias: floats(channels) },
    },
    half ? ['BFLOAT16'] : [],
  );
  const numbers = (bytes: Uint8Array) => torch.tensor(new Float32Array(bytes.buffer));
  const maps = (bytes: Uint8Array) =>
    torch
      .tensor(half ? new Uint16Array(bytes.buffer) : new Float32Array(bytes.buffer), {
        shape: [n, height, width, channels],
        ...(half && { dtype: 'bfloat16' as const }),
      })
      .permute([0, 3, 1, 2]);
  return {
    ...{ y: maps(out.y!), dx: maps(out.dx!), dPlus: added ? maps(stored ? out.dz! : out.dy!) : null },
    ...{ dWeight: numbers(out.dWeight!), dBias: numbers(out.dBias!) },
    ...{ mean: numbers(out.mean!), variance: numbers(out.variance!) },
  };
}

/** Largest distance, as a share of the largest number. */
const distance = (a: torch.Tensor, b: torch.Tensor) => a.to('float64').sub(b).abs().max().item() / b.abs().max().item();

const shapes: Case['shape'][] = [
  [3, 8, 5, 7],
  [2, 64, 9, 8],
  [2, 24, 6, 5],
  [1, 2048, 3, 2],
];
const cases = shapes.flatMap((shape): Case[] =>
  [false, true].flatMap((half) => [
    ...(['none', 'relu', 'silu'] as const).map((activation) => ({ shape, activation, added: false, half })),
    ...(['none', 'relu'] as const).map((activation) => ({ shape, activation, added: true, half })),
  ]),
);

describe.each(cases)('$shape, $activation, added: $added, bfloat16: $half', (one) => {
  test('output, statistics and gradients', () => {
    torch.scope(() => {
      const given = inputs(one);
      const [ours, right] = [found(given, one), expected(given, one)];
      // Sums of some hundred float32 numbers; bfloat16 rounds what is written to 8 bits, half a unit of 2^-8.
      const [sums, maps] = [5e-6, one.half ? 2 ** -8 : 5e-6];
      expect(distance(ours.mean, right.mean)).toBeLessThan(sums);
      expect(distance(ours.variance, right.variance)).toBeLessThan(sums);
      expect(distance(ours.y, right.y)).toBeLessThan(maps);
      // A sum near zero falls to either side of ReLU, and so does its gradient; bfloat16 has many such.
      expect(distance(ours.dBias, right.dBias)).toBeLessThan(one.half ? 0.02 : 2e-5);
      expect(distance(ours.dWeight, right.dWeight)).toBeLessThan(one.half ? 0.02 : 2e-5);
      expect(distance(ours.dx, right.dx)).toBeLessThan(one.half ? 0.02 : 2e-5);
      if (one.added) expect(distance(ours.dPlus!, right.dPlus!)).toBeLessThan(maps);
    });
  });
});
