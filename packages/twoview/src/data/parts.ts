/** @file The words by which people name the parts of a set, the same in folders, tables and tensors. */

export type Part = 'train' | 'val' | 'test';
export const PARTS = ['train', 'val', 'test'] as const;

/** Where each word belongs; `holdout` is the test part where no other word names one. */
type Word = Part | 'holdout';

const WORDS: Record<string, Word> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
  eval: 'test',
  holdout: 'holdout',
};

export const PART_WORDS = Object.keys(WORDS);

/** @returns null for a word that names no part; upper and lower case are the same */
export const partOf = (word: string): Word | null => {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(WORDS, key) ? WORDS[key]! : null;
};

export interface PartNames {
  /** What each word that stands in the source means for this source; null leaves its images out. */
  meaning: Map<string, Part | null>;
  notes: string[];
}

/**
 * What the words of one source mean together: where only a validation part is, it is the test part; a hold-out part is the test
 * part where there is no other, and is left alone where there is one.
 *
 * @param words as they stand in the source, each of them known to `partOf`
 * @param count images of each word, for the notes
 */
export function meaningOfParts(words: readonly string[], count: (word: string) => number): PartNames {
  const found = (kind: Word) => words.filter((word) => partOf(word) === kind);
  const quoted = (some: readonly string[]) => some.map((word) => `"${word}"`).join(' and ');
  const images = (some: readonly string[]) => some.reduce((sum, word) => sum + count(word), 0).toLocaleString('en');
  const [train, val, test, holdout] = (['train', 'val', 'test', 'holdout'] as const).map(found) as [
    string[],
    string[],
    string[],
    string[],
  ];
  const meaning = new Map<string, Part | null>();
  const notes: string[] = [];
  const mean = (some: readonly string[], part: Part | null) => {
    for (const word of some) meaning.set(word, part);
    if (some.length > 1 && part !== null) notes.push(`${quoted(some)} are one split, ${part}: ${images(some)} images`);
  };
  mean(train, 'train');
  mean(test, 'test');
  const tested = test.length > 0;
  mean(holdout, tested ? null : 'test');
  if (holdout.length > 0) {
    notes.push(
      tested
        ? `${images(holdout)} images of ${quoted(holdout)} are not used: there is a test split beside them`
        : `${quoted(holdout)} is the test split: ${images(holdout)} images`,
    );
  }
  const onlyVal = !tested && holdout.length === 0;
  mean(val, onlyVal ? 'test' : 'val');
  if (val.length > 0) {
    notes.push(
      onlyVal
        ? `there is no test split, so ${quoted(val)} is the test split: ${images(val)} images`
        : `${images(val)} validation images (${quoted(val)}) are neither trained on nor tested on; --validation val evaluates on them`,
    );
  }
  return { meaning, notes };
}
