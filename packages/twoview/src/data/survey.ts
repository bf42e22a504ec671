/** @file What is in a source, as one wants to know it before training: counts, what is not used, twins, pictures of one colour, blurred ones. */
import * as torch from '@twoview/torch';
import type { DataConfig } from '../config/data.js';
import type { JobIo } from '../runs/events.js';
import { type ImageSet, labelList, partsOf } from './image-set.js';
import { openImages } from './open-images.js';
import { PARTS, type Part } from './parts.js';
import { type Spoilt, spoiltIn } from './spoilt.js';
import { type Place, testTwins, twinsOf } from './twins/set-twins.js';

export interface Named {
  part: Part;
  index: number;
  /** Null for sets that are not made of image files. */
  path: string | null;
}

export interface SurveyTwins {
  a: Named;
  b: Named;
  similarity: number;
  mirrored: boolean;
  exact: boolean;
}

export interface Survey {
  name: string;
  hash: string;
  imageSize: number;
  /** Images of each part, and of each class in it; those without a class last. */
  parts: { part: Part; images: number; unlabelled: number }[];
  classes: { name: string; train: number; val: number; test: number }[];
  notes: string[];
  warnings: string[];
  /** Null where they were not looked for. */
  twins: SurveyTwins[] | null;
  /** Test images that have a twin among training or validation images. */
  testTwins: number | null;
  /** Images of one colour, or nearly. */
  plain: Named[];
  /** Images that are far less sharp than the others of their split. */
  blurred: Named[];
}

/** @throws TwoviewError as `openImages`; INTERRUPTED */
export async function survey(config: DataConfig, io: JobIo = {}): Promise<Survey> {
  await torch.load(config.threads === 'auto' ? {} : { threads: config.threads });
  using set = await openImages(config.data, config, io);
  const named = ({ part, index }: Place): Named => ({ part, index, path: set[part]?.paths?.[index] ?? null });
  const twins = config.near ? await twinsOf(set, io) : null;
  const { name, hash, imageSize, notes, warnings } = set;
  const spoilt = partsOf(set).map(({ part, split }) => ({ part, ...spoiltIn(split) }));
  const all = (kind: keyof Spoilt) =>
    spoilt.flatMap(({ part, [kind]: indices }) => indices.map((index) => named({ part, index })));
  return {
    ...{ name, hash, imageSize, notes, warnings },
    parts: partsOf(set).map(({ part, split }) => ({
      ...{ part, images: split.count, unlabelled: labelList(split).filter((label) => label < 0).length },
    })),
    classes: countsOf(set),
    twins: twins === null ? null : twins.map(({ a, b, ...more }) => ({ a: named(a), b: named(b), ...more })),
    testTwins: twins && testTwins(twins).length,
    plain: all('plain'),
    blurred: all('blurred'),
  };
}

function countsOf(set: ImageSet): Survey['classes'] {
  const counts = set.classes.map((name) => ({ name, train: 0, val: 0, test: 0 }));
  for (const part of PARTS) {
    const split = set[part];
    if (split !== null) for (const label of labelList(split)) if (label >= 0) counts[label]![part]++;
  }
  return counts;
}
