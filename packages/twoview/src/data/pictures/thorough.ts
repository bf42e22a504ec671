/** @file Every kind of image through sharp (libvips): shrunk while it is decoded, turned as EXIF says, in sRGB. */
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import type { Decoded, DecodeOptions, Trait } from './decode.js';
import type { ImageKind } from './image-kind.js';
import { flattened } from './planes.js';
import { readJpegHeader } from './quick-jpeg.js';
import { declaredRange, type Range, rangeOf, toBytes } from './sample-range.js';
import { Undecodable } from './undecodable.js';

/** JPEG, PNG and TIFF are decoded in strips; the other kinds lie in memory whole, and so do samples of more than 8 bits. */
const MOST_PIXELS = 500e6;
const MOST_PIXELS_WHOLE = 200e6;
const MOST_PIXELS_DEEP = 50e6;

type SharpModule = typeof import('sharp');
let loading: Promise<SharpModule> | null = null;

/** 17 MB that sets of CIFAR batches, safetensors or small JPEGs never need. */
export function sharpOnce(): Promise<SharpModule> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.concurrency(1); // every thread decodes a file of its own
    sharp.cache(false);
    return sharp;
  });
  return loading;
}

/**
 * What makes a file damaged: whatever libvips calls an error, and for GIF what it only warns of, for it fills what is missing. Other
 * warnings concern what can do without: profiles, dates, bytes behind the end. Pillow draws the line in the same place.
 */
const failOn = (kind: ImageKind): 'error' | 'warning' => (kind === 'gif' ? 'warning' : 'error');

/** @throws Undecodable */
export async function thorough(bytes: Buffer, kind: ImageKind, options: DecodeOptions): Promise<Decoded> {
  const sharp = await sharpOnce();
  const open = (more: SharpOptions = {}): Sharp =>
    sharp(bytes, { failOn: failOn(kind), limitInputPixels: false, ...more });
  try {
    const {
      depth,
      width = 0,
      height = 0,
      pages = 1,
      pagePrimary,
      space,
      channels,
      icc,
    } = (kind === 'jpeg' ? plainJpeg(bytes) : null) ?? (await open().metadata());
    requireSize(kind, width * height, depth !== 'uchar');
    const traits: Trait[] = pages > 1 && pagePrimary === undefined ? ['frames'] : [];
    if (depth !== 'uchar') return await deep(open(), bytes, kind, depth ?? '', options, traits);
    const fitted = open()
      .rotate() // as EXIF says
      .resize(options.size, options.size, { fit: 'cover' });
    if (space === 'cmyk' && channels === 4 && icc === undefined) {
      const inks = await fitted.pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer();
      return finished(withoutInks(inks), 3, options, traits);
    }
    const { data, info } = await fitted.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    return finished(data, info.channels, options, traits);
  } catch (error) {
    throw translated(error, kind);
  }
}

/** What libvips would say of grey and colour JPEG: it opens a file a second time for that. @returns null for CMYK, whose inks it knows better */
function plainJpeg(bytes: Buffer): Partial<Metadata> | null {
  const header = readJpegHeader(bytes);
  if (header === null || header.bits !== 8 || ![1, 3].includes(header.components)) return null;
  return { depth: 'uchar', width: header.width, height: header.height };
}

/** CMYK without a profile, as Pillow and browsers take it: what the inks leave of white. libvips would assume a certain press. */
function withoutInks(inks: Buffer): Uint8Array {
  const out = new Uint8Array((inks.length / 4) * 3);
  for (let i = 0; i < inks.length / 4; i++) {
    const light = 255 - inks[4 * i + 3]!;
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.round(((255 - inks[4 * i + c]!) * light) / 255);
  }
  return out;
}

function finished(data: Uint8Array, channels: number, { size, ground }: DecodeOptions, traits: Trait[]): Decoded {
  const { pixels, transparent, plain } = flattened(data, size, channels, ground);
  return {
    pixels,
    traits: [
      ...traits,
      ...(transparent ? (['transparent'] as const) : []),
      ...(plain ? (['plain where transparent'] as const) : []),
    ],
  };
}

/** Samples of 16 bits, or floats: to 8 bits by the range that they declare, or by that of the set. */
async function deep(
  image: Sharp,
  bytes: Buffer,
  kind: ImageKind,
  depth: string,
  options: DecodeOptions,
  traits: Trait[],
): Promise<Decoded> {
  const turned = image.rotate();
  const { data, info } = await (depth === 'ushort' ? turned.toColourspace('rgb16') : turned)
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  const aligned = data.byteOffset % 4 === 0 ? data : Buffer.from(new Uint8Array(data).buffer);
  const samples = new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  const { channels, width, height } = info;
  const found = rangeOf(samples, channels);
  const sort = depth === 'float' || depth === 'double' ? 'float' : 'whole';
  const declared = declaredRange(bytes, kind, found);
  const range: Range | null = declared ?? options.ranges?.[sort] ?? null;
  if (range === null) return { pixels: null, undeclared: { kind: sort, range: found }, traits };
  const raw = { data: toBytes(samples, channels, range), width, height, channels };
  return await fitRaw(raw, options, [...traits, declared === null ? 'deep' : 'deep, declared']);
}

interface Raw {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

/** Pixels that are there already, brought to size. */
export async function fitRaw(
  { data, width, height, channels }: Raw,
  options: DecodeOptions,
  traits: Trait[],
): Promise<Decoded> {
  const { size } = options;
  if (width === size && height === size) return finished(data, channels, options, traits);
  const sharp = await sharpOnce();
  const { data: fitted, info } = await sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
    .resize(size, size, { fit: 'cover' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return finished(fitted, info.channels, options, traits);
}

function requireSize(kind: ImageKind, pixels: number, isDeep: boolean): void {
  const inStrips = kind === 'jpeg' || kind === 'png' || kind === 'tiff';
  const most = isDeep ? MOST_PIXELS_DEEP : inStrips ? MOST_PIXELS : MOST_PIXELS_WHOLE;
  if (pixels <= most) return;
  const mega = (value: number) => Math.round(value / 1e6).toLocaleString('en');
  throw new Undecodable(
    'too large',
    `it has ${mega(pixels)} megapixels; the limit for ${isDeep ? 'more than 8 bits' : kind.toUpperCase()} is ${mega(most)}`,
  );
}

function translated(error: unknown, kind: ImageKind): Undecodable {
  if (error instanceof Undecodable) return error;
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  const text = [...new Set(lines)]
    .filter((line) => line.trim() !== '')
    .join('; ')
    .slice(0, 200);
  if (/pixel limit|too large|dimensions exceed/i.test(text)) return new Undecodable('too large', text);
  if (
    /compression (support )?(is )?not|not (configured|supported)|unsupported (codec|compression|tiff|bit)|support for/i.test(
      text,
    )
  ) {
    return new Undecodable('unsupported', text);
  }
  if (/unsupported image format/.test(text))
    return new Undecodable('damaged', `it begins like ${kind.toUpperCase()}, and does not go on so`);
  return new Undecodable('damaged', text);
}
