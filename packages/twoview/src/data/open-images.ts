/** @file Any source of images as one set. To add a source: a file that opens it, a line here, a row in the contract test. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import * as torch from '@twoview/torch';
import { closest } from '../config/closest.js';
import type { Reading } from '../config/fields.js';
import { READING_DEFAULTS } from '../config/reading-defaults.js';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import { type ImageSet, labelList } from './image-set.js';
import { groundOf } from './pictures/ground.js';
import { cifarLayout, openCifar } from './sources/cifar.js';
import { CIFAR_NAMES, type CifarName, cachedCifar, downloadCifar } from './sources/cifar-named.js';
import { listFolder } from './sources/list-folder.js';
import { unreadable } from './sources/listing.js';
import { openListing } from './sources/open-listing.js';
import { openSafetensors } from './sources/safetensors-set.js';
import { openShapes, SHAPE_SETS } from './sources/shapes-set.js';
import { listTable } from './tables/list-table.js';
import { withoutTwins } from './twins/exclude.js';

/** How a source is read: the settings that every command with `--data` has. */
export type OpenOptions = Reading;

const NAMES = [...CIFAR_NAMES, ...SHAPE_SETS];

/**
 * @param source a folder with one folder a class (train/, val/ and test/ inside, or split by us), a flat folder, a table of
 *   path,label, a folder of CIFAR batches, a safetensors file, or cifar10, cifar100, shapes, shapes-source
 * @throws TwoviewError DATA_NOT_FOUND, DATA_EMPTY, DATA_LAYOUT, DATA_CONFLICT, DATA_CORRUPT, DATA_UNSUPPORTED, DATA_TOO_LARGE,
 *   DATA_UNREADABLE, TABLE_INVALID; CONFIG_INVALID for a size that these images cannot be brought to
 */
export async function openImages(
  source: string,
  options: Partial<OpenOptions> = {},
  io: JobIo = {},
): Promise<ImageSet> {
  const settings: OpenOptions = { ...READING_DEFAULTS, ...options };
  const set = await openSource(source, settings, io);
  if (set.train.paths !== null) set.name = basename(resolve(source)); // links are called by their own names
  try {
    requireSize(set, source, settings.imageSize);
  } catch (error) {
    set[Symbol.dispose]();
    throw error;
  }
  const { exclude }: OpenOptions = settings;
  if (exclude === 'duplicates') await withoutTwins(set, io);
  tell(set, io);
  return set;
}

/** What was found, and what makes results doubtful. */
export function tell(set: ImageSet, io: JobIo): void {
  for (const text of inWords(set)) io.onEvent?.({ type: 'note', text });
  for (const text of set.warnings) io.onEvent?.({ type: 'warning', text });
}

async function openSource(source: string, options: OpenOptions, io: JobIo): Promise<ImageSet> {
  await torch.load();
  if (SHAPE_SETS.includes(source)) return openShapes(source, io);
  if (!existsSync(resolve(source))) {
    if ((CIFAR_NAMES as string[]).includes(source)) {
      const name = source as CifarName;
      return openSource(cachedCifar(name) ?? (await downloadCifar(name, io)), options, io);
    }
    throw notFound(source);
  }
  const { path, isFile } = behind(resolve(source));
  const { imageSize, skipCorrupt, background }: OpenOptions = options;
  const files = { imageSize, skipCorrupt, ground: groundOf(background) };
  if (isFile) {
    if (isSafetensors(path)) return openSafetensors(path, io);
    return openListing(listTable(path, options), dirname(path), files, io);
  }
  const layout = cifarLayout(path);
  if (layout !== null) return openCifar(path, layout, io);
  return openListing(listFolder(path), path, files, io);
}

/** Before anything else is done. @throws TwoviewError DATA_NOT_FOUND */
export function requireSource(source: string): void {
  if (!NAMES.includes(source) && !existsSync(resolve(source))) throw notFound(source);
}

/** One folder has one name, however it is spelt. */
export function behind(path: string): { path: string; isFile: boolean } {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (!stat.isFile() && !stat.isDirectory()) throw Object.assign(new Error('a device'), { code: 'EISDIR' });
    return { path: real, isFile: stat.isFile() };
  } catch (error) {
    throw unreadable(path, error);
  }
}

export const isSafetensors = (path: string): boolean => /\.safetensors$/i.test(path);

/** Files of pictures were scaled as they were decoded; whatever holds pixels comes as it is. */
export function requireSize({ imageSize }: ImageSet, source: string, wanted: number | 'auto'): void {
  if (wanted === 'auto' || wanted === imageSize) return;
  throw new TwoviewError('CONFIG_INVALID', {
    what: `these images have ${imageSize} x ${imageSize} pixels, and ${wanted} x ${wanted} are asked for; only files of pictures are scaled`,
    where: `--data ${source}`,
    next: [`train with --image-size ${imageSize}`, 'or save the images as PNG files in a folder'],
  });
}

/** What was found, and what a reader of results must know of it. */
function inWords({ name, train, val, test, classes, imageSize, notes }: ImageSet): string[] {
  const count = (images: number) => images.toLocaleString('en');
  const tested = test === null ? 'no test images' : `${count(test.count)} test images`;
  const open = labelList(train).filter((label) => label < 0).length;
  const kinds = classes.length === 0 ? 'without labels' : `${classes.length} classes`;
  return [
    `data ${name}: ${count(train.count)} training images${open > 0 && classes.length > 0 ? ` (${count(open)} of them without a label)` : ''}, ${val === null ? '' : `${count(val.count)} validation images, `}${tested}, ${kinds}, ${imageSize} x ${imageSize} pixels`,
    ...notes.map((note) => `note: ${note}`),
  ];
}

export function notFound(source: string): TwoviewError {
  const near = source.includes('/') ? null : closest(source, NAMES);
  return new TwoviewError('DATA_NOT_FOUND', {
    what: `there is no such folder or file${near === null ? '' : `; did you mean ${near}?`}`,
    where: `--data ${source}`,
    next: [
      'name a folder of images, a CSV of path,label, or a folder of CIFAR binaries',
      `or one of ${NAMES.join(', ')}`,
    ],
  });
}
