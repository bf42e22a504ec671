/** @file The files of a source with part and class, before any of them is decoded: for a program that shows them meanwhile. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { READING_DEFAULTS } from '../config/reading-defaults.js';
import { behind, isSafetensors, notFound, type OpenOptions } from './open-images.js';
import type { Part } from './parts.js';
import { cifarLayout } from './sources/cifar.js';
import { listFolder } from './sources/list-folder.js';
import { allOf, unreadable } from './sources/listing.js';
import { splitHere } from './sources/split-here.js';
import { listTable } from './tables/list-table.js';

export interface ListedImage {
  /** As `Split.paths` has it. */
  path: string;
  /** The file itself, behind all links. */
  real: string;
  part: Part;
  /** Index of the class; -1 where it is not known. */
  label: number;
}

export interface ImageList {
  name: string;
  /** The folder that paths are named from, behind all links. */
  root: string;
  /** Whether a table named the files. */
  isTable: boolean;
  classes: string[];
  notes: string[];
  /** In the order in which `openImages` has them: training, validation, test. */
  images: ListedImage[];
}

/**
 * @returns null for sources that are no files of pictures: names, CIFAR batches, safetensors
 * @throws TwoviewError as `openImages`, but for what only decoding finds
 */
export function listImages(source: string, options: Partial<OpenOptions> = {}): ImageList | null {
  const settings: OpenOptions = { ...READING_DEFAULTS, ...options };
  if (!existsSync(resolve(source))) {
    if (/^[a-z0-9-]+$/.test(source)) return null; // a name, or nothing: `openImages` knows
    throw notFound(source);
  }
  const { path, isFile } = behind(resolve(source));
  if (isFile ? isSafetensors(path) : cifarLayout(path) !== null) return null;
  const root = isFile ? dirname(path) : path;
  const { name, classes, notes, ...parts } = splitHere(isFile ? listTable(path, settings) : listFolder(path));
  const images = allOf({ name, classes, notes, ...parts }).map(({ part, image }) => ({
    path: image.path.startsWith(root + sep) ? image.path.slice(root.length + 1) : relative(root, image.path),
    real: realOf(image.path),
    part,
    label: image.label,
  }));
  return { name, root, isTable: isFile, classes, notes, images };
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}
