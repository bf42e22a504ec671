/** @file Folders of small pictures for tests. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'twoview-studio-'));

/** A picture with some structure, another one for each number. */
export async function picture(number: number, side = 40): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * (number + 3) * 7 + ((i * i) % (number + 11)) * 13) % 256;
  return await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg()
    .withExifMerge({ IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' } })
    .toBuffer();
}

/** Writes files below a folder. @param files bytes by path */
export function writeFiles(folder: string, files: Record<string, Buffer | string>): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** An unlabelled folder of this many pictures: 000.jpg, 001.jpg, ... */
export async function flatFolder(folder: string, count: number, side = 40): Promise<void> {
  for (let i = 0; i < count; i++) writeFiles(folder, { [`${String(i).padStart(3, '0')}.jpg`]: await picture(i, side) });
}
