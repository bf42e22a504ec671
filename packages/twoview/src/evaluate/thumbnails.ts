/** @file Small pictures as data URIs, for results that are shown where the images are not. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** Larger images are brought to this side, in pixels. */
const SIDE = 64;

/** @param images [N, 3, S, S] uint8 @returns N data URIs of PNG files */
export async function thumbnails(images: Tensor): Promise<string[]> {
  const [count, , height, width] = images.shape as [number, number, number, number];
  if (count === 0) return [];
  const { default: sharp } = await import('sharp'); // 17 MB that most commands never need
  const pixels = torch.scope(
    () =>
      images.permute([0, 2, 3, 1]).contiguous({ memoryFormat: 'contiguous' }).to('cpu').toTypedArray() as Uint8Array,
  );
  const bytes = 3 * height * width;
  return await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const raw = Buffer.from(pixels.subarray(i * bytes, (i + 1) * bytes));
      const picture = sharp(raw, { raw: { width, height, channels: 3 } });
      const png = await (width > SIDE ? picture.resize(SIDE, SIDE) : picture).png().toBuffer();
      return `data:image/png;base64,${png.toString('base64')}`;
    }),
  );
}
