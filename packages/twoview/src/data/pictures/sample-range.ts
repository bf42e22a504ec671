/**
 * @file Samples of more than 8 bits become bytes by the range that they use: the one that the file declares, else that of the whole
 * set, so that images stay comparable. 12 bits in a container of 16 are common, and so are floats from 0 to 1.
 */
import type { ImageKind } from './image-kind.js';

export interface Range {
  least: number;
  most: number;
}

/** Of finite samples; alpha is not one of them. */
export function rangeOf(samples: Float32Array, channels: number): Range {
  const colours = channels === 2 || channels === 4 ? channels - 1 : channels;
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < samples.length; i += channels) {
    for (let c = 0; c < colours; c++) {
      const value = samples[i + c]!;
      if (value < least && value > -Infinity) least = value;
      if (value > most && value < Infinity) most = value;
    }
  }
  return least > most ? { least: 0, most: 0 } : { least, most };
}

/** What all images of a set together use, widened to a range that makes sense: whole bits, or 0 to 1. */
export function commonRange(kind: 'whole' | 'float', ranges: readonly Range[]): Range | null {
  if (ranges.length === 0) return null;
  const least = Math.min(...ranges.map((range) => range.least));
  const most = Math.max(...ranges.map((range) => range.most));
  if (kind === 'whole' && least >= 0) return { least: 0, most: Math.max(255, 2 ** Math.ceil(Math.log2(most + 1)) - 1) };
  if (kind === 'float' && least >= 0 && most <= 1) return { least: 0, most: 1 };
  if (kind === 'float' && least >= 0 && most <= 255) return { least: 0, most: 255 };
  return { least, most };
}

/** @returns null where the file declares none */
export function declaredRange(bytes: Buffer, kind: ImageKind, found: Range): Range | null {
  if (kind === 'avif') return { least: 0, most: 65535 }; // libvips scales its 10 and 12 bits up
  if (kind === 'png') return pngRange(bytes, found);
  if (kind === 'tiff') return tiffRange(bytes);
  return null;
}

/** The chunk sBIT says how many bits are significant; some programs leave them in the low bits, others follow the standard. */
function pngRange(bytes: Buffer, { most }: Range): Range | null {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const [length, type] = [bytes.readUInt32BE(at), bytes.toString('latin1', at + 4, at + 8)];
    if (type === 'IDAT') return null;
    if (type === 'sBIT' && at + 8 + length <= bytes.length) {
      const bits = Math.max(...bytes.subarray(at + 8, at + 8 + length));
      if (bits < 1 || bits > 16) return null;
      return { least: 0, most: most < 2 ** bits ? 2 ** bits - 1 : 65535 };
    }
    at += 12 + length;
  }
  return null;
}

const MIN_SAMPLE = 280;
const MAX_SAMPLE = 281;
const S_MIN_SAMPLE = 340;
const S_MAX_SAMPLE = 341;

function tiffRange(bytes: Buffer): Range | null {
  const tags = tiffNumbers(bytes);
  const most = tags.get(S_MAX_SAMPLE) ?? tags.get(MAX_SAMPLE);
  const least = tags.get(S_MIN_SAMPLE) ?? tags.get(MIN_SAMPLE) ?? 0;
  return most === undefined || !(most > least) ? null : { least, most };
}

/** Tags of the first directory of a classic TIFF whose first value is a number. */
function tiffNumbers(bytes: Buffer): Map<number, number> {
  const tags = new Map<number, number>();
  const little = bytes[0] === 0x49;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readers: Record<number, [number, (at: number) => number]> = {
    3: [2, (at) => view.getUint16(at, little)],
    4: [4, (at) => view.getUint32(at, little)],
    8: [2, (at) => view.getInt16(at, little)],
    9: [4, (at) => view.getInt32(at, little)],
    11: [4, (at) => view.getFloat32(at, little)],
    12: [8, (at) => view.getFloat64(at, little)],
  };
  try {
    if (view.getUint16(2, little) !== 42) return tags; // BigTIFF
    const start = view.getUint32(4, little);
    for (let i = 0; i < view.getUint16(start, little); i++) {
      const at = start + 2 + 12 * i;
      const [size, read] = readers[view.getUint16(at + 2, little)] ?? [0, null];
      if (read === null) continue;
      const inside = size * view.getUint32(at + 4, little) <= 4;
      tags.set(view.getUint16(at, little), read(inside ? at + 8 : view.getUint32(at + 8, little)));
    }
  } catch {} // a directory that leads out of the file: libtiff has read what it could
  return tags;
}

/** @param range what becomes 0 and 255; alpha of 16 bits is scaled by its own whole range */
export function toBytes(samples: Float32Array, channels: number, { least, most }: Range): Uint8Array {
  const out = new Uint8Array(samples.length);
  const factor = most > least ? 255 / (most - least) : 0;
  const alpha = channels === 2 || channels === 4 ? channels - 1 : -1;
  for (let i = 0; i < samples.length; i++) {
    const isAlpha = alpha >= 0 && i % channels === alpha;
    const value = isAlpha ? samples[i]! / 257 : (samples[i]! - least) * factor;
    out[i] = value >= 255 ? 255 : value > 0 ? Math.round(value) : 0; // NaN becomes 0
  }
  return out;
}
