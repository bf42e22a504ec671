/** @file Arguments for fuzz.ts: most have the kind that the schema wants, with a value nobody would give; some have another kind. */
import { createHash } from 'node:crypto';
import * as torch from '../../src/index.js';
import type { NativeArgument } from '../../src/native.js';

export type Random = () => number;

/** Uniform numbers in [0, 1) that depend on the text alone (mulberry32). */
export function randomSource(text: string): Random {
  let state = createHash('sha256').update(text).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

// Sizes that an allocator takes but a machine does not have (some GB) would end the process for lack of memory: none is here.
const INTEGERS = [-1, 0, 1, 2, 3, 5, 7, -2, -7, 100, 2 ** 48, -(2 ** 48), 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)];
const NUMBERS = [
  0,
  1,
  -1,
  0.5,
  -0.5,
  1e300,
  -1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e-310,
];
const SHAPES = [
  [],
  [0],
  [1],
  [3],
  [2, 3],
  [3, 2],
  [0, 4],
  [2, 3, 4],
  [1, 2, 3, 4],
  [2, 1, 3, 3],
  [1, 2, 2, 3, 3],
  [1, 1, 1, 1, 1, 1],
];
const DTYPES = [
  'float32',
  'float32',
  'float32',
  'float64',
  'int64',
  'int32',
  'uint8',
  'bool',
  'bfloat16',
  'float16',
  'complex64',
  'int8',
] as const;
const STRINGS = [
  '',
  'mean',
  'cpu',
  'cuda',
  'cuda:99',
  'meta',
  'float32',
  'ij,jk',
  'strided',
  'sum',
  'contiguous',
  'x'.repeat(5000),
];
const OTHERS = [
  undefined,
  null,
  {},
  [],
  'x',
  1,
  Number.NaN,
  1e300,
  true,
  () => 1,
  Symbol.iterator,
  1n,
  [[]],
  [null],
  new Date(0),
  new Uint8Array(4),
];

function randomTensor(random: Random): torch.Tensor {
  const shape = pick(random, SHAPES);
  const dtype = pick(random, DTYPES);
  const low = random() < 0.5 ? 0 : -9;
  const integers = torch.randint(low, 9, shape);
  const tensor = random() < 0.15 ? integers.mul(2 ** 40).to(dtype) : integers.to(dtype);
  if (random() < 0.2 && shape.length > 1) return tensor.transpose(0, 1);
  if (random() < 0.1) return tensor.to('meta');
  if (random() < 0.1 && (dtype === 'float32' || dtype === 'float64')) tensor.requiresGrad = true;
  return tensor;
}

function listOf(random: Random, one: () => unknown): unknown[] {
  return Array.from({ length: pick(random, [0, 1, 2, 2, 3, 4, 5]) }, one);
}

function ofKind(type: string, random: Random): unknown {
  const integer = () => (random() < 0.6 ? pick(random, [0, 1, 2, 3, -1]) : pick(random, INTEGERS));
  if (type.endsWith('[]')) return listOf(random, () => ofKind(type.slice(0, -2), random));
  switch (type.replace(/\?$/, '')) {
    case 'Tensor':
      return randomTensor(random);
    case 'int':
    case 'SymInt':
      return integer();
    case 'float':
      return pick(random, NUMBERS);
    case 'Scalar':
      return random() < 0.5 ? pick(random, NUMBERS) : integer();
    case 'bool':
      return random() < 0.5;
    case 'Generator':
      return new torch.Generator(1);
    case 'ScalarType':
      return pick(random, DTYPES);
    case 'Device':
      return pick(random, ['cpu', 'meta', 'cuda', 'cpu:3', 'nowhere']);
    default:
      return pick(random, STRINGS);
  }
}

/** Arguments in schema order; one too many now and then. */
export function randomArguments(schema: readonly NativeArgument[], random: Random): unknown[] {
  const wild = random() < 0.2; // a call whose arguments have any kind
  const args = schema.map((argument) => {
    if (wild || random() < 0.03) return random() < 0.3 ? randomTensor(random) : pick(random, OTHERS);
    if (argument.hasDefault && random() < 0.5) return undefined;
    if (argument.type.endsWith('?') && random() < 0.3) return null;
    return ofKind(argument.type.replace(/\?$/, ''), random);
  });
  return random() < 0.03 ? [...args, 1] : args;
}
