/** @file The images of a job: a source by its name, or the caller's own set, which stays the caller's. */
import type { JobIo } from '../runs/events.js';
import type { ImageSet } from './image-set.js';
import { type OpenOptions, openImages, requireSize, tell } from './open-images.js';

/** @throws as `openImages` */
export async function imagesOf(source: string, options: Partial<OpenOptions>, io: JobIo): Promise<ImageSet> {
  const own = io.own?.images;
  if (own === undefined) return await openImages(source, options, io);
  requireSize(own, source, options.imageSize ?? 'auto');
  tell(own, io);
  return { ...own, [Symbol.dispose]: () => {} };
}
