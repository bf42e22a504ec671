/** @file Pictures out of the memory-mapped store, for sets that are not made of files. */
import sharp from 'sharp';
import type { ImageSet } from 'twoview';
import type { Drawn } from './from-file.js';

export class StorePixels {
  constructor(readonly set: ImageSet) {}

  async draw({ part, row }: { part: 'train' | 'val' | 'test'; row: number }, size: number): Promise<Drawn> {
    const { imageSize: side } = this.set;
    const pixels = this.#pixels(part, row);
    const picture = sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
    const shown = side > size ? picture.resize(size, size) : picture;
    const bytes = await shown.webp(side <= 64 ? { lossless: true, effort: 0 } : { quality: 80, effort: 1 }).toBuffer();
    return { type: 'image/webp', bytes, width: side, height: side };
  }

  /** [S, S, 3], from [N, 3, S, S]. */
  #pixels(part: 'train' | 'val' | 'test', row: number): Uint8Array {
    const image = this.set[part]!.images.select(0, row);
    const channelsLast = image.permute([1, 2, 0]);
    const whole = channelsLast.contiguous();
    const pixels = (whole.toTypedArray() as Uint8Array).slice();
    for (const tensor of [image, channelsLast, whole]) tensor.dispose();
    return pixels;
  }
}
