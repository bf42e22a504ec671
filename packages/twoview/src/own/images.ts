/** @file The images of a job: a source by its name, or the caller's own set, which stays the caller's. */
import type { ImageSet } from '../data/image-set.js';
import { type OpenOptions, openImages, requireSize, tell } from '../data/open-images.js';
import type { OwnIo } from './own.js';

/** @throws as `openImages` */
export async function imagesOf(source: string, options: Partial<OpenOptions>, io: OwnIo): Promise<ImageSet> {
  const own = io.own?.images;
  if (own === undefined) return await openImages(source, options, io);
  requireSize(own, source, options.imageSize ?? 'auto');
  tell(own, io);
  return { ...own, [Symbol.dispose]: () => {} };
}
