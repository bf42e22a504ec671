/**
 * @file Every random draw comes from (seed, stream, step), so that a run can be resumed anywhere and draw the same. What a step draws
 * for its images is counter-based: number i of a stream is a function of the stream's key and of i alone, in 64-bit integers, so that
 * every device draws the same numbers, and any part of them can be drawn by itself.
 * Source: SplitMix64, Steele et al. 2014, "Fast Splittable Pseudorandom Number Generators", figure 16.
 */
import { createHash } from 'node:crypto';
import * as torch from '@twoview/torch';

const digest = (seed: number, stream: string, step: number) =>
  createHash('sha256').update(`${seed}/${stream}/${step}`).digest();

/** @returns a 53-bit seed: the first bits of SHA-256 over the three */
export function streamSeed(seed: number, stream: string, step: number): number {
  return Number(digest(seed, stream, step).readBigUInt64BE(0) >> 11n);
}

export function streamGenerator(seed: number, stream: string, step: number, device = 'cpu'): torch.Generator {
  return new torch.Generator(streamSeed(seed, stream, step), device);
}

/** @returns [N, columns] float64 in [0, 1): numbers for one purpose, the same ones each time it is asked for them */
export type Draw = (purpose: string, columns: number) => torch.Tensor;

export interface Rows {
  /** The first of the rows that are drawn, and how many they are. */
  from?: number;
  count: number;
}

/** What the numbers of a stream are made of: 64 bits, signed as tensors hold them. */
export const streamKey = (seed: number, stream: string, step: number): bigint =>
  digest(seed, stream, step).readBigInt64BE(0);

/** What a step draws, on the device where it is used: each purpose is a stream of its own, so that none moves another. */
export const draws =
  (seed: number, stream: string, step: number, { from = 0, count }: Rows, device = 'cpu'): Draw =>
  (purpose, columns) => {
    const key = streamKey(seed, `${stream}/${purpose}`, step);
    return uniform(key, from * columns, count * columns, device).reshape([count, columns]);
  };

/** Those of what is no step: any rows of a stream. */
export const drawsOf =
  (seed: number, stream: string, device = 'cpu') =>
  (from: number, count: number): Draw =>
    draws(seed, stream, 0, { from, count }, device);

const [GAMMA, FIRST, SECOND] = [0x9e3779b97f4a7c15n, 0xbf58476d1ce4e5b9n, 0x94d049bb133111ebn].map((n) =>
  BigInt.asIntN(64, n),
) as [bigint, bigint, bigint];

/** Numbers from, ..., from + count - 1 of the generator whose state begins at `key`: [count] float64 in [0, 1), multiples of 2^-53. */
export function uniform(key: bigint, from: number, count: number, device = 'cpu'): torch.Tensor {
  return torch.scope(() => {
    const z = torch
      .arange(from + 1, from + count + 1, { dtype: 'int64', device })
      .mul_(GAMMA)
      .add_(key);
    z.bitwiseXor_(shifted(z, 30)).mul_(FIRST);
    z.bitwiseXor_(shifted(z, 27)).mul_(SECOND);
    z.bitwiseXor_(shifted(z, 31));
    return shifted(z, 11)
      .to('float64')
      .mul_(2 ** -53);
  });
}

/** Bits moved to the right, zeros following: int64 alone would repeat its sign. */
const shifted = (z: torch.Tensor, bits: number): torch.Tensor =>
  z.bitwiseRightShift(bits).bitwiseAnd_((1n << BigInt(64 - bits)) - 1n);
