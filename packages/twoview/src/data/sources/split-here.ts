/** @file A test part where the source has none: a fifth of each class, the same whenever the images have the same names. */
import { createHash } from 'node:crypto';
import type { Listed, Listing } from './listing.js';

const SHARE = 0.2;

/** Unlabelled images are not split. */
export function splitHere(listing: Listing): Listing {
  if (listing.test.length > 0 || listing.classes.length === 0) return listing;
  const rank = ({ path }: Listed) => createHash('sha256').update(path.split(/[\\/]/).slice(-2).join('/')).digest('hex');
  const train: Listed[] = [];
  const test: Listed[] = [];
  const unlabelled = listing.train.filter(({ label }) => label < 0);
  listing.classes.forEach((_, label) => {
    const mine = listing.train
      .filter((image) => image.label === label)
      .map((image) => ({ image, rank: rank(image) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1));
    const tested = Math.floor(mine.length * SHARE);
    test.push(...mine.slice(0, tested).map(({ image }) => image));
    train.push(...mine.slice(tested).map(({ image }) => image));
  });
  const tested = new Set(test.map(({ label }) => label)).size;
  return {
    ...listing,
    train: [...train, ...unlabelled],
    test,
    notes: [...listing.notes, ...said(test.length, listing.classes.length - tested)],
  };
}

function said(images: number, classesWithout: number): string[] {
  if (images === 0)
    return [
      `there is no test split, and all classes are too small to set one aside: they have fewer than ${1 / SHARE} images`,
    ];
  const note = `there was no test split: ${images} images (a fifth of each class) were set aside as one`;
  return [
    classesWithout === 0 ? note : `${note}; ${classesWithout} classes of fewer than ${1 / SHARE} images are not in it`,
  ];
}
