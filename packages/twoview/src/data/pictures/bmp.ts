/**
 * @file BMP, which libvips as sharp ships it does not read. Source: Microsoft's BITMAPINFOHEADER and its successors, and OS/2's core
 * header; held against Pillow over Jason Summers' BMP Suite. Left out: BMPs that hold a JPEG or PNG, and OS/2's halftoning.
 */
import { readRunLengths } from './bmp-runs.js';
import { Undecodable } from './undecodable.js';

const MOST_PIXELS = 100e6;
const CORE = 12;

interface Header {
  width: number;
  height: number;
  topDown: boolean;
  bits: number;
  compression: number;
  pixelsAt: number;
  palette: Uint8Array[];
  masks: number[];
}

export interface Bitmap {
  /** RGBA. */
  data: Uint8Array;
  width: number;
  height: number;
}

const broken = (what: string) => new Undecodable('damaged', what);

/** @throws Undecodable */
export function decodeBmp(bytes: Buffer): Bitmap {
  let header: Header;
  try {
    header = readHeader(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw broken('its header is cut off');
    throw error;
  }
  const { width, height, bits, compression, topDown } = header;
  const data = new Uint8Array(4 * width * height);
  const rowOf = (y: number) => (topDown ? y : height - 1 - y) * width * 4;
  if (compression === 1 || compression === 2) {
    const indices = readRunLengths(bytes.subarray(header.pixelsAt), { width, height, nibbles: compression === 2 });
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) setIndexed(data, rowOf(y) + 4 * x, header.palette, indices[y * width + x]!);
    }
    return { data, width, height };
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  // The padding of the last row may be missing.
  if (header.pixelsAt + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length)
    throw broken('the file is cut off');
  const set = bits <= 8 ? indexed(bytes, header) : direct(bytes, header);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) set(data, rowOf(y) + 4 * x, header.pixelsAt + y * stride, x);
  }
  return { data, width, height };
}

function readHeader(bytes: Buffer): Header {
  const size = bytes.readUInt32LE(14);
  if (![CORE, 16, 40, 52, 56, 64, 108, 124].includes(size)) throw broken(`its header has ${size} bytes`);
  const core = size === CORE;
  const width = core ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const signedHeight = core ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(core ? 24 : 28);
  const compression = size < 40 ? 0 : bytes.readUInt32LE(30);
  const height = Math.abs(signedHeight);
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits) || compression > 6 || (size === 64 && compression > 2)) {
    throw new Undecodable('unsupported', `this is a BMP of ${bits} bits a pixel, compression ${compression}`);
  }
  if (compression === 4 || compression === 5) throw new Undecodable('unsupported', 'this BMP holds a JPEG or PNG');
  if ((compression === 1 && bits !== 8) || (compression === 2 && bits !== 4))
    throw broken('its compression does not fit its bits');
  if (width <= 0 || height === 0) throw broken(`it has ${width} x ${height} pixels`);
  if (width * height > MOST_PIXELS) {
    throw new Undecodable(
      'too large',
      `it has ${Math.round((width * height) / 1e6)} megapixels; the limit for BMP is ${MOST_PIXELS / 1e6}`,
    );
  }
  const masked = compression === 3 || compression === 6;
  const inside = size >= 52; // the masks belong to the header
  const masks = masked ? readMasks(bytes, 54, size >= 56 || compression === 6 ? 4 : 3) : [];
  const paletteAt = 14 + size + (masked && !inside ? (compression === 6 ? 16 : 12) : 0);
  const pixelsAt = bytes.readUInt32LE(10);
  const entry = core ? 3 : 4;
  const used = size >= 40 ? bytes.readUInt32LE(46) : 0;
  const room = Math.floor((Math.max(pixelsAt, paletteAt) - paletteAt) / entry);
  const colours =
    bits > 8 ? 0 : Math.min(used > 0 ? Math.min(used, 2 ** bits) : 2 ** bits, room > 0 ? room : 2 ** bits);
  const palette = Array.from({ length: colours }, (_, i) =>
    bytes.subarray(paletteAt + entry * i, paletteAt + entry * i + 3),
  );
  if (palette.some((colour) => colour.length < 3)) throw broken('its palette is cut off');
  return { width, height, topDown: signedHeight < 0, bits, compression, pixelsAt, palette, masks };
}

const readMasks = (bytes: Buffer, at: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => bytes.readUInt32LE(at + 4 * i));

type SetPixel = (data: Uint8Array, to: number, row: number, x: number) => void;

function setIndexed(data: Uint8Array, to: number, palette: readonly Uint8Array[], index: number): void {
  const colour = palette[index];
  if (colour !== undefined) for (let c = 0; c < 3; c++) data[to + c] = colour[2 - c]!;
  data[to + 3] = 255;
}

function indexed(bytes: Buffer, { bits, palette }: Header): SetPixel {
  const each = 8 / bits;
  const mask = 2 ** bits - 1;
  return (data, to, row, x) => {
    const byte = bytes[row + Math.floor(x / each)]!;
    setIndexed(data, to, palette, (byte >> (8 - bits - bits * (x % each))) & mask);
  };
}

function direct(bytes: Buffer, { bits, masks }: Header): SetPixel {
  if (bits === 24) {
    return (data, to, row, x) => {
      for (let c = 0; c < 3; c++) data[to + c] = bytes[row + 3 * x + 2 - c]!;
      data[to + 3] = 255;
    };
  }
  const usual = bits === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff];
  const fields = (masks.length > 0 ? masks : usual).map(fieldOf);
  const alpha = (masks[3] ?? 0) !== 0;
  return (data, to, row, x) => {
    const value = bits === 16 ? bytes.readUInt16LE(row + 2 * x) : bytes.readUInt32LE(row + 4 * x);
    for (let c = 0; c < 3; c++) data[to + c] = fields[c]!(value);
    data[to + 3] = alpha ? fields[3]!(value) : 255;
  };
}

/** A field of a pixel, whatever its width, from 0 to 255. */
function fieldOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  let shift = 0;
  while (((mask >>> shift) & 1) === 0) shift++;
  const most = mask >>> shift;
  return (value) => Math.round((((value & mask) >>> shift) * 255) / most);
}
