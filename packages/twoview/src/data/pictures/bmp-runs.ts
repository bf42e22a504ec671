/** @file Run lengths of BMP: RLE8 and RLE4, rows from the bottom. */
import { Undecodable } from './undecodable.js';

interface Shape {
  width: number;
  height: number;
  /** Two pixels a byte. */
  nibbles: boolean;
}

/** @returns an index of the palette for each pixel, in the order of the file; what is skipped stays 0 @throws Undecodable */
export function readRunLengths(bytes: Uint8Array, { width, height, nibbles }: Shape): Uint8Array {
  const out = new Uint8Array(width * height);
  let [at, x, y] = [0, 0, 0];
  const put = (index: number) => {
    if (x < width && y < height) out[y * width + x] = index;
    x++;
  };
  const half = (byte: number, i: number) => (i % 2 === 0 ? byte >> 4 : byte & 15);
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Undecodable('damaged', 'the file is cut off');
    return byte;
  };
  while (y < height) {
    const count = next();
    const value = next();
    if (count > 0) {
      for (let i = 0; i < count; i++) put(nibbles ? half(value, i) : value);
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      return out;
    } else if (value === 2) {
      x += next();
      y += next();
    } else {
      const length = nibbles ? Math.ceil(value / 2) : value;
      const literal = Array.from({ length }, next);
      if (length % 2 === 1 && at < bytes.length) at++;
      for (let i = 0; i < value; i++) put(nibbles ? half(literal[i >> 1]!, i) : literal[i]!);
    }
  }
  return out;
}
