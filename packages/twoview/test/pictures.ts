/** @file Small image folders for tests. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'twoview-test-'));

/** A picture of one colour with a dark square, [size x size]. */
export function picture(size: number, red: number, format: 'png' | 'jpeg' = 'png'): Promise<Buffer> {
  const pixels = Buffer.alloc(size * size * 3);
  for (let i = 0; i < size * size; i++) pixels.set([red, (i * 7) % 256, 40], i * 3);
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .toFormat(format)
    .toBuffer();
}

/** One folder a class: `classes` names them, each with `count` pictures. */
export async function classFolders(root: string, classes: string[], count: number, size = 16): Promise<string> {
  for (const [c, name] of classes.entries()) {
    mkdirSync(join(root, name), { recursive: true });
    for (let i = 0; i < count; i++) writeFileSync(join(root, name, `${i}.png`), await picture(size, 40 * c + i));
  }
  return root;
}
