/** @file The GPU's batch norm, its very source run on the CPU, against libtorch's in float64. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileForCpu, type Program } from './kernels/run-on-cpu.js';

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

const MAPS = ['x', 'plus', 'dy', 'y', 'dz', 'dx'] as const;
const CHANNELS = ['weight', 'bias', 'mean', 'variance', 'dWeight', 'dBias'] as const;
const NAMES = [...MAPS, ...CHANNELS, 'line', 'partial', 'ways', 'sizes'];
const BLOCKS = 3;

/** The kernels in the order in which native/cuda/batch_norm.cc asks for them. */
const BODY = `
  Int* const size = (Int*)sizes;
  const Int rows = size[0], channels = size[1], activation = size[2];
  const bool added = size[3], stored = added && activation != NONE;
  ${MAPS.map((name) => `Element* const ${name}_ = (Element*)${name};`).join(' ')}
  ${[...CHANNELS, 'line', 'partial', 'ways'].map((name) => `float* const ${name}_ = (float*)${name};`).join(' ')}
  Element* const sum = added ? plus_ : nullptr;
  Element* const result = added && activation == RELU ? y_ : nullptr;
  Element* const before = stored ? dz_ : nullptr;
  const unsigned int finishing = (unsigned int)((channels + 31) / 32);
  const auto over = [](unsigned int blocks, auto kernel) { onCpu::run(blocks, THREADS, 0, kernel); };
  over(${BLOCKS}, [&] { moments(x_, partial_, rows, channels); });
  over(finishing, [&] { statistics(x_, partial_, weight_, bias_, mean_, variance_, line_, ${BLOCKS}, rows, channels, ${EPS}, ${MOMENTUM}); });
  over(${BLOCKS}, [&] { normalise(x_, sum, line_, y_, rows, channels, activation); });
  over(${BLOCKS}, [&] { gradientSums(dy_, x_, result, line_, before, partial_, rows, channels, activation); });
  over(finishing, [&] { gradientWays(partial_, line_, dWeight_, dBias_, ways_, ${BLOCKS}, rows, channels); });
  over(${BLOCKS}, [&] { propagate(stored ? dz_ : dy_, x_, line_, ways_, dx_, rows, channels, stored ? NONE : activation); });`;

let programs: Record<'bfloat16' | 'float32', Program>;
beforeAll(() => {
  programs = {
    bfloat16: compileForCpu(source, BODY, NAMES, ['BFLOAT16']),
    float32: compileForCpu(source, BODY, NAMES),
  };
}, 60_000);
afterAll(() => {
  for (const program of Object.values(programs)) program[Symbol.dispose]();
});

function found(given: ReturnType<typeof inputs>, { shape, activation, added, half }: Case) {
  const [n, channels, height, width] = shape;
  const rows = n * height * width;
  const lie = (x: torch.Tensor) => bytesOf(x.permute([0, 2, 3, 1]).contiguous());
  const unset = (bytes: number) => new Uint8Array(bytes).fill(255); // not a number
  const size = rows * channels * (half ? 2 : 4);
  const stored = added && activation !== 'none';
  const out = programs[half ? 'bfloat16' : 'float32'].run({
    ...{ x: lie(given.x), plus: lie(given.plus), dy: lie(given.dy), y: unset(size), dz: unset(size), dx: unset(size) },
    ...Object.fromEntries(['weight', 'bias', 'mean', 'variance'].map((name) => [name, bytesOf(given[name as 'bias'])])),
    ...{ line: unset(16 * channels), partial: unset(8 * BLOCKS * channels), ways: unset(12 * channels) },
    ...{ dWeight: unset(4 * channels), dBias: unset(4 * channels) },
    sizes: new Uint8Array(BigInt64Array.from([rows, channels, ACTIVATIONS[activation], Number(added)], BigInt).buffer),
  });
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
];
const cases = shapes.flatMap((shape): Case[] =>
  [false, true].flatMap((half) => [
    ...(['none', 'relu', 'silu'] as const).map((activation) => ({ shape, activation, added: false, half })),
    ...(['none', 'relu'] as const).map((activation) => ({ shape, activation, added: true, half })),
  ]),
);
/** The most channels, for which a block has a row at a time. */
const widest: Case = { shape: [1, 2048, 3, 2], activation: 'relu', added: true, half: true };

describe.each([...cases, widest])('$shape, $activation, added: $added, bfloat16: $half', (one) => {
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
