/** @file A set of images that the caller holds as tensors: from a simulation, a database, or a format that twoview does not read. */
import * as torch from '@twoview/torch';
import { TwoviewError } from '../../errors.js';
import type { JobIo } from '../../runs/events.js';
import { disposable, type ImageSet, type Split } from '../image-set.js';
import { digestsOf, identityOf } from './mapped-identity.js';

export interface TensorPart {
  /** [N, 3, S, S] uint8. */
  images: torch.Tensor;
  /** N numbers of classes, -1 where the class is not known; without labels no class is known. */
  labels?: readonly number[];
}

export interface TensorSet {
  /** As messages and reports call it. */
  name?: string;
  /** Names of the classes; by default their numbers. */
  classes?: readonly string[];
  train: TensorPart;
  val?: TensorPart;
  test?: TensorPart;
}

/**
 * The set takes the tensors over: it frees them when it is disposed of.
 *
 * @throws TwoviewError DATA_CORRUPT, DATA_EMPTY naming the part and what is wrong with it
 */
export async function imageSet(
  { name = 'tensors', classes: names, train, val, test }: TensorSet,
  io: JobIo = {},
): Promise<ImageSet> {
  await torch.load();
  const size = train.images.shape.at(-1)!;
  const all = [train, val, test].flatMap((part) => part?.labels ?? []);
  const known = all.reduce((most, label) => Math.max(most, label + 1), 0);
  const classes = [...(names ?? Array.from({ length: known }, (_, i) => String(i)))];
  const given = { train, val, test };
  for (const [word, part] of Object.entries(given)) if (part !== undefined) check(word, part, size, classes.length);
  const take = (part: TensorPart | undefined): Split | null => (part === undefined ? null : splitOf(part));
  const parts = { train: splitOf(train), val: take(val), test: take(test) };
  const set: ImageSet = disposable({
    ...{ name, classes, imageSize: size, root: null, hash: '', warnings: [], notes: [], ...parts },
    digests: () => digestsOf(set, {}),
  });
  return Object.assign(set, await identityOf(set, io));
}

/** Before anything is taken over, so that what is refused stays the caller's. */
function check(word: string, { images, labels }: TensorPart, size: number, classes: number): void {
  const wrong = (what: string, next: string) =>
    new TwoviewError('DATA_CORRUPT', { what, where: `imageSet: ${word}`, next: [next] });
  const [count, channels, height, width] = images.shape as number[];
  if (images.ndim !== 4 || channels !== 3 || height !== size || width !== size || images.dtype !== 'uint8') {
    const what = `these images are [${images.shape.join(', ')}] ${images.dtype}`;
    throw wrong(what, `give all splits as [N, 3, ${size}, ${size}] uint8`);
  }
  if (count === 0) {
    const where = `imageSet: ${word}`;
    throw new TwoviewError('DATA_EMPTY', { what: 'there are no images', where, next: ['give one'] });
  }
  if (labels !== undefined && labels.length !== count)
    throw wrong(`there are ${labels.length} labels for ${count} images`, 'give one for each, -1 where it is not known');
  const odd = labels?.find((label) => !Number.isInteger(label) || label < -1 || label >= classes);
  if (odd !== undefined) throw wrong(`${odd} is no class of ${classes}`, 'labels are 0, 1, ..., or -1 where not known');
}

function splitOf({ images, labels }: TensorPart): Split {
  const count = images.shape[0]!;
  const dense = images.isContiguous() ? images : images.contiguous();
  if (dense !== images) images.dispose();
  const listed = labels ?? new Array<number>(count).fill(-1);
  return { images: dense, labels: torch.tensor([...listed], { dtype: 'int64' }), count, paths: null };
}
