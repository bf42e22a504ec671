/**
 * @file The fourth group of rules: what is shown of a file is drawn anew from its pixels, so that nothing else that stands in it (a
 * place where a photograph was taken, a script) reaches the page; its kind is read off its bytes; SVG and PDF are never read.
 */
import { open, realpath } from 'node:fs/promises';
import sharp from 'sharp';
import { Refusal } from '../refusal.js';

export interface Drawn {
  type: 'image/webp';
  bytes: Buffer;
  /** Of what was drawn. */
  width: number;
  height: number;
}

/** As in the library: a file of some kilobytes must not become gigabytes. */
const MOST_PIXELS = 200_000_000;

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadTiff',
    'VipsForeignLoadHeif',
  ],
});

/** A file of the list: `real` is where it was at the scan; a link that leads elsewhere now is not followed. */
export interface PictureFile {
  path: string;
  real: string;
}

/** @param size of the longer side at most, in pixels @throws Refusal IMAGE_UNREADABLE */
export async function fromFile(file: PictureFile, size: number): Promise<Drawn> {
  return await shown(async () => {
    const bytes = await bytesOf(file);
    if (bytes.subarray(0, 2).toString('latin1') === 'BM') throw new OnlyInStore();
    const picture = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', animated: false }).autoOrient();
    const { data, info } = await picture
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: size > 512 ? 85 : 75, effort: 1 })
      .toBuffer({ resolveWithObject: true });
    return { type: 'image/webp', bytes: data, width: info.width, height: info.height };
  });
}

/** As it is seen, turned as its EXIF says. @throws Refusal IMAGE_UNREADABLE */
export async function sizeOfFile(file: PictureFile): Promise<{ width: number; height: number }> {
  return await shown(async () => {
    const { autoOrient } = await sharp(await bytesOf(file), { limitInputPixels: MOST_PIXELS }).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  });
}

/** BMP: sharp does not read it, and the library does. */
export class OnlyInStore extends Error {
  constructor() {
    super('sharp reads no BMP');
  }
}

async function shown<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof OnlyInStore) throw error;
    throw new Refusal('IMAGE_UNREADABLE', `this image cannot be shown: ${(error as Error).message}`);
  }
}

async function bytesOf({ path, real }: PictureFile): Promise<Buffer> {
  if ((await realpath(path)) !== real) throw new Error('it is a link that leads elsewhere than at the scan');
  return await regularFile(real);
}

const MOST_BYTES = 512 << 20;

/** Not a pipe or a device, which would never end. */
async function regularFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES >> 20} MiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
