/** @file Pictures out of the memory-mapped store: for sets that are not made of files, and what a training sees of any image. */
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { exampleViews, type ImageSet, views } from 'twoview';
import type { Place } from '../source/found-images.js';
import type { Drawn } from './from-file.js';

export class StorePixels {
  constructor(readonly set: ImageSet) {}

  async draw({ part, row }: Place, size: number): Promise<Drawn> {
    return await this.#encoded(
      torch.scope(() => channelsLast(this.set[part]!.images.select(0, row))),
      size,
    );
  }

  /** The n-th view that SimCLR would draw of it with default settings. */
  async view({ part, row }: Place, n: number): Promise<Drawn> {
    const pixels = torch.scope(() => {
      const image = this.set[part]!.images.narrow(0, row, 1);
      const images = torch.cat(Array.from({ length: Math.floor(n / 2) + 1 }, () => image));
      return channelsLast(exampleViews(images, views.simclr()).select(0, n));
    });
    return await this.#encoded(pixels, this.set.imageSize);
  }

  async #encoded(pixels: Uint8Array, size: number): Promise<Drawn> {
    const { imageSize: side } = this.set;
    const picture = sharp(pixels, { raw: { width: side, height: side, channels: 3 } });
    const shown = side > size ? picture.resize(size, size) : picture;
    const bytes = await shown.webp(side <= 64 ? { lossless: true, effort: 0 } : { quality: 80, effort: 1 }).toBuffer();
    return { type: 'image/webp', bytes, width: side, height: side };
  }
}

/** [3, S, S] -> [S, S, 3] */
const channelsLast = (image: torch.Tensor): Uint8Array =>
  (image.permute([1, 2, 0]).contiguous().toTypedArray() as Uint8Array).slice();
