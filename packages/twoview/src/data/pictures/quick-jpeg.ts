/**
 * @file Small JPEGs through WebAssembly, which starts faster than sharp decodes. It takes plain ones of exactly the wanted size
 * alone, and hands over whatever it does not take or gives up on.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import decodeJpeg, { init } from '@jsquash/jpeg/decode.js';
import { Undecodable } from './undecodable.js';

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
  // Its types leave the second argument out. What it only warns of, the thorough decoder says too.
  const start = init as (module: WebAssembly.Module, options: object) => Promise<void>;
  await start(module, { printErr: () => {} });
}

/** @returns pixels in four channels, or null for sharp to decode */
export async function quickJpeg(bytes: Buffer, size: number): Promise<Uint8ClampedArray | null> {
  if (bytes.length > SMALL_BYTES) return null;
  const header = readJpegHeader(bytes);
  const plain = header !== null && header.width === size && header.height === size && header.components !== 4;
  if (!plain || header.profile || header.bits !== 8) return null;
  ready ??= startJpeg();
  await ready;
  try {
    const image = await decodeJpeg(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      { preserveOrientation: true },
    );
    return image.width === size && image.height === size ? image.data : null;
  } catch {
    return null; // whether it is damaged, the thorough decoder says
  }
}

export interface JpegHeader {
  width: number;
  height: number;
  components: number;
  bits: number;
  /** The last digit of the SOF marker: 0 to 2 are read, others are lossless, hierarchical or arithmetic coded. */
  process: number;
  /** Whether a colour profile came along. */
  profile: boolean;
}

/** Up to the start of the frame. @returns null where it is not to be found */
export function readJpegHeader(bytes: Buffer): JpegHeader | null {
  let profile = false;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xe2 && bytes.toString('latin1', at + 4, at + 15) === 'ICC_PROFILE') profile = true;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [bits, components] = [bytes[at + 4]!, bytes[at + 9]!];
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { width, height, components, bits, process: marker & 0x0f, profile };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** libjpeg fills a cut-off picture with gray; the end marker after the last scan says that it is whole. */
export function requireEnd(bytes: Buffer): void {
  const scan = bytes.lastIndexOf('ffda', undefined, 'hex');
  if (scan < 0 || bytes.lastIndexOf('ffd9', undefined, 'hex') < scan)
    throw new Undecodable('damaged', 'the file is cut off');
}
