/** @file Any source of images as one set. To add a source: a file that opens it, a line here, a row in the contract test. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as torch from '@twoview/torch';
import { closest } from '../config/closest.js';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import { cifarLayout, openCifar } from './cifar.js';
import { CIFAR_NAMES, type CifarName, cachedCifar, downloadCifar } from './cifar-named.js';
import { listCsv } from './csv.js';
import { type OpenOptions, openListing } from './folder.js';
import { type ImageSet, labelList } from './image-set.js';
import { listFolder } from './listing.js';
import { openSafetensors } from './safetensors-set.js';
import { openShapes, SHAPE_SETS } from './shapes-set.js';

const NAMES = [...CIFAR_NAMES, ...SHAPE_SETS];

/**
 * @param source a folder with one folder a class (train/ and test/ or val/ inside, or split by us), a flat folder, a CSV or
 *   TSV of path,label, a folder of CIFAR batches, a safetensors file, or cifar10, cifar100, shapes, shapes-source
 * @throws TwoviewError DATA_NOT_FOUND, DATA_EMPTY, DATA_CORRUPT, LABELS_MISSING; CONFIG_INVALID for a size that these images
 *   cannot be brought to
 */
export async function openImages(
  source: string,
  options: Partial<OpenOptions> = {},
  io: JobIo = {},
): Promise<ImageSet> {
  const set = await openSource(source, options, io);
  requireSize(set, source, options.imageSize ?? 'auto');
  requireTestLabels(set, source);
  for (const text of inWords(set)) io.onEvent?.({ type: 'note', text });
  return set;
}

async function openSource(source: string, options: Partial<OpenOptions>, io: JobIo): Promise<ImageSet> {
  await torch.load();
  const { imageSize = 'auto', skipCorrupt = false } = options;
  if (SHAPE_SETS.includes(source)) return openShapes(source, io);
  const path = resolve(source);
  if (!existsSync(path)) {
    if ((CIFAR_NAMES as string[]).includes(source)) {
      const name = source as CifarName;
      return openSource(cachedCifar(name) ?? (await downloadCifar(name, io)), options, io);
    }
    throw notFound(source);
  }
  if (path.endsWith('.safetensors')) return openSafetensors(path);
  if (statSync(path).isFile()) return openListing(listCsv(path), dirname(path), { imageSize, skipCorrupt }, io);
  const layout = cifarLayout(path);
  if (layout !== null) return openCifar(path, layout, io);
  return openListing(listFolder(path), path, { imageSize, skipCorrupt }, io);
}

/** Files of pictures were scaled as they were decoded; whatever holds pixels comes as it is. */
function requireSize({ imageSize }: ImageSet, source: string, wanted: number | 'auto'): void {
  if (wanted === 'auto' || wanted === imageSize) return;
  throw new TwoviewError('CONFIG_INVALID', {
    what: `these images have ${imageSize} x ${imageSize} pixels, and ${wanted} x ${wanted} are asked for; only files of pictures are scaled`,
    where: `--data ${source}`,
    next: [`train with --image-size ${imageSize}`, 'or save the images as PNG files in a folder'],
  });
}

/** A test image without a class tests nothing; leaving it out in silence would change what is tested. */
function requireTestLabels({ classes, test }: ImageSet, source: string): void {
  const unknown = test === null || classes.length === 0 ? 0 : labelList(test).filter((label) => label < 0).length;
  if (unknown === 0) return;
  throw new TwoviewError('LABELS_MISSING', {
    what: `${unknown} of ${test!.count} test images have no label`,
    where: `--data ${source}`,
    next: ['give them a label, or move them to the training images, which may be without'],
  });
}

/** What was found, and what a reader of results must know of it. */
function inWords({ name, train, test, classes, imageSize, notes }: ImageSet): string[] {
  const count = (images: number) => images.toLocaleString('en');
  const tested = test === null ? 'no test images' : `${count(test.count)} test images`;
  const open = labelList(train).filter((label) => label < 0).length;
  const kinds = classes.length === 0 ? 'without labels' : `${classes.length} classes`;
  return [
    `data ${name}: ${count(train.count)} training images${open > 0 && classes.length > 0 ? ` (${count(open)} of them without a label)` : ''}, ${tested}, ${kinds}, ${imageSize} x ${imageSize} pixels`,
    ...notes.map((note) => `note: ${note}`),
  ];
}

function notFound(source: string): TwoviewError {
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
