/** @file The tensors of images in a safetensors file: which there are, whether they fit, and their pixels one by one. */
import * as torch from '@twoview/torch';
import { TwoviewError } from '../../errors.js';
import { PART_WORDS, partOf } from '../parts.js';

export const wrong = (path: string, what: string): TwoviewError =>
  new TwoviewError('DATA_CORRUPT', {
    what,
    where: path,
    next: ['save images [N, 3, S, S] uint8 and labels [N] int64, or train.images, train.labels, test.images, ...'],
  });

/** The words before `.images`; an empty one for a file without parts. @throws TwoviewError DATA_CORRUPT */
export function wordsOf(names: readonly string[], path: string): string[] {
  const words = names.flatMap((name) => (name.endsWith('.images') ? [name.slice(0, -'.images'.length)] : []));
  if (names.includes('images')) {
    if (words.length === 0) return [''];
    throw wrong(path, `it holds images, and ${words.map((word) => `${word}.images`)} beside them`);
  }
  const unknown = words.find((word) => partOf(word) === null);
  if (unknown !== undefined)
    throw wrong(path, `"${unknown}" names no split; splits are called ${PART_WORDS.join(', ')}`);
  if (words.length > 0) return words;
  throw wrong(path, `there is no tensor images; it holds ${names.slice(0, 10).join(', ') || 'nothing'}`);
}

/** @returns [N, 3, S, S], or [N, S, S, 3] as it lies there */
export function imagesOf(tensors: Record<string, torch.Tensor>, name: string, path: string): torch.Tensor {
  const given = tensors[name]!;
  const [count, ...sides] = given.shape as number[];
  const last = sides[2] === 3 && sides[0] !== 3;
  const square = last ? sides[0] === sides[1] : sides[0] === 3 && sides[1] === sides[2];
  if (given.dtype !== 'uint8' || sides.length !== 3 || !square || count === 0 || sides.includes(0)) {
    throw wrong(path, `${name} is ${given.dtype} [${given.shape}], not uint8 [N, 3, S, S]`);
  }
  return given;
}

/** [3, S, S] of one image, copied out of the mapped file. */
export const pixelsAt = (images: torch.Tensor, index: number): Uint8Array =>
  torch.scope(() => {
    const image = images.select(0, index);
    const last = image.shape[2] === 3 && image.shape[0] !== 3;
    return (last ? image.permute([2, 0, 1]) : image).contiguous().toTypedArray() as Uint8Array;
  });
