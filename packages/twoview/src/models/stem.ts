/** @file The first layers that suit a size of images, where none were named. */
import type { Stem } from '../config/fields.js';

/** Largest side of small images, in pixels. Above it, the stem for small images costs 16 times the work of the one that ResNets were made with. */
export const SMALL = 64;

export const stemFor = (stem: 'auto' | Stem, imageSize: number): Stem =>
  stem !== 'auto' ? stem : imageSize <= SMALL ? 'cifar' : 'imagenet';
