/** @file One image file to [3, S, S] bytes. Small JPEGs go through WebAssembly, which starts faster than sharp decodes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import decodeJpeg, { init } from '@jsquash/jpeg/decode.js';

/** Beyond this, sharp is faster: it shrinks while it decodes. */
const SMALL_BYTES = 48 << 10;

class PlainImageData {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

let ready: Promise<void> | null = null;

/** The decoder looks for a browser's ImageData, and would fetch its module from the web. */
async function startJpeg(): Promise<void> {
  Object.assign(globalThis, { ImageData: PlainImageData });
  const folder = dirname(createRequire(import.meta.url).resolve('@jsquash/jpeg/package.json'));
  const module = await WebAssembly.compile(readFileSync(join(folder, 'codec', 'dec', 'mozjpeg_dec.wasm')));
  await init(module);
}

/**
 * @returns [3, S, S] uint8; of other shapes the middle square, resized with sharp's default kernel (Lanczos 3)
 * @throws Error saying what is wrong with the file
 */
export async function decodeImage(path: string, size: number): Promise<Uint8Array> {
  const bytes = readFileSync(path);
  if (bytes.length === 0) throw new Error('the file is empty');
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (jpeg) requireEnd(bytes);
  if (jpeg && bytes.length <= SMALL_BYTES) {
    ready ??= startJpeg();
    await ready;
    const image = await decodeJpeg(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      { preserveOrientation: true },
    );
    if (image.width === size && image.height === size) return planes(image.data, size, 4);
  }
  const { default: sharp } = await import('sharp');
  const { data } = await sharp(bytes, { failOn: 'truncated' })
    .rotate() // as EXIF says
    .resize(size, size, { fit: 'cover' })
    .flatten({ background: '#000' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return planes(data, size, data.length / (size * size));
}

/** libjpeg fills a cut-off picture with gray; the end marker after the last scan says that it is whole. */
function requireEnd(bytes: Buffer): void {
  if (bytes.lastIndexOf('ffd9', undefined, 'hex') < bytes.lastIndexOf('ffda', undefined, 'hex'))
    throw new Error('the file is cut off');
}

function planes(pixels: ArrayLike<number>, size: number, channels: number): Uint8Array {
  const area = size * size;
  const out = new Uint8Array(3 * area);
  for (let c = 0; c < 3; c++) {
    const from = channels < 3 ? 0 : c;
    for (let i = 0; i < area; i++) out[c * area + i] = pixels[i * channels + from]!;
  }
  return out;
}
