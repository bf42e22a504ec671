/** @file Every file below a folder is used, counted with its reason, or refused. The listing alone: no image is decoded. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listFolder } from '../src/data/sources/list-folder.js';
import type { Listing } from '../src/data/sources/listing.js';
import { TwoviewError } from '../src/errors.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
/** A folder with these files, empty ones. */
function folder(...files: string[]): string {
  const path = join(root, String(made++));
  for (const file of files) {
    mkdirSync(join(path, dirname(file)), { recursive: true });
    writeFileSync(join(path, file), '');
  }
  return path;
}
const many = (where: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${where}/${i}.jpg`);
const counts = ({ train, val, test: tested, classes }: Listing) => [train.length, val.length, tested.length, classes];
const notes = (listing: Listing) => listing.notes.join('\n');
function refusal(path: string): TwoviewError {
  try {
    const listing = listFolder(path);
    throw new Error(`not refused: ${counts(listing)}`);
  } catch (error) {
    if (error instanceof TwoviewError) return error;
    throw error;
  }
}

test('parts are known by their words, whatever the case of the letters', () => {
  const path = folder(...many('TRAINING/a', 3), ...many('TRAINING/b', 3), ...many('Dev/a', 2), ...many('Eval/b', 1));
  const listing = listFolder(path);
  expect(counts(listing)).toEqual([6, 2, 1, ['a', 'b']]);
  expect(notes(listing)).toMatch(/2 validation images \("Dev"\) are neither trained on nor tested on/);
});

test('where only a validation part is, it is the test part; so is a hold-out part, and beside a test part it is left alone', () => {
  const only = listFolder(folder(...many('train/a', 3), ...many('validation/a', 2)));
  expect([counts(only), notes(only)]).toEqual([
    [3, 0, 2, ['a']],
    expect.stringContaining('"validation" is the test split'),
  ]);
  const held = listFolder(folder(...many('train/a', 3), ...many('val/a', 2), ...many('holdout/a', 4)));
  expect([counts(held), notes(held)]).toEqual([
    [3, 2, 4, ['a']],
    expect.stringContaining('"holdout" is the test split'),
  ]);
  const both = listFolder(folder(...many('train/a', 3), ...many('test/a', 2), ...many('Holdout/a', 4)));
  expect([counts(both), notes(both)]).toEqual([
    [3, 0, 2, ['a']],
    expect.stringContaining('4 images of "Holdout" are not used'),
  ]);
});

test('two words for one part are one split, and it is said', () => {
  const listing = listFolder(folder(...many('train/a', 3), ...many('training/a', 2), ...many('test/a', 1)));
  expect([counts(listing), notes(listing)]).toEqual([
    [5, 0, 1, ['a']],
    expect.stringContaining('"train" and "training" are one split'),
  ]);
});

test('a folder that names no part beside some that do, parts without a training part, parts inside of classes: refused', () => {
  const unknown = refusal(folder(...many('train/a', 2), ...many('test/a', 2), ...many('unlabeled', 5)));
  expect([unknown.code, unknown.message]).toEqual([
    'DATA_LAYOUT',
    expect.stringMatching(/unlabeled[\s\S]*train, training, val/),
  ]);
  expect(refusal(folder(...many('val/a', 2), ...many('test/a', 2))).message).toContain('there is no training split');
  expect(refusal(folder(...many('cat', 2), ...many('test', 2))).code).toBe('DATA_LAYOUT');
  const inner = refusal(folder(...many('cat/train', 2), ...many('cat/test', 2), ...many('dog/train', 2)));
  expect(inner.message).toContain('put the splits outside');
});

test('hidden names are skipped at every depth and counted, so are files of other kinds', () => {
  const path = folder(
    ...many('a', 3),
    ...many('b/in/side', 2),
    'b/in/.cache/x.jpg',
    'b/@eaDir/0.jpg/SYNOPHOTO_THUMB_M.jpg',
    '.git/objects/1',
    'a/._0.jpg',
    'a/0.json',
    'readme',
    'b/film.mp4',
  );
  const listing = listFolder(path);
  expect(counts(listing)).toEqual([5, 0, 0, ['a', 'b']]);
  expect(notes(listing)).toMatch(/4 hidden files are not used/);
  expect(notes(listing)).toMatch(/3 files of kinds that are not read are not used \(.*1 \.mp4/);
});

test('folders round the set are stepped into, and it is said; a folder alone is no class', () => {
  const deep = listFolder(folder(...many('data/images/a', 2), ...many('data/images/b', 2), 'data/licence.txt'));
  expect([counts(deep), notes(deep)]).toEqual([
    [4, 0, 0, ['a', 'b']],
    expect.stringMatching(/stepped into data\/[\s\S]*images\//),
  ]);
  const flat = listFolder(folder(...many('DCIM', 4)));
  expect([counts(flat), notes(flat)]).toEqual([[4, 0, 0, []], expect.stringContaining('no labels')]);
  const inParts = listFolder(folder(...many('train/img/a', 2), ...many('train/img/b', 2), ...many('test/a', 1)));
  expect([counts(inParts), notes(inParts)]).toEqual([[4, 0, 1, ['a', 'b']], expect.stringContaining('train/img/')]);
});

test('images beside class folders, and beside the folders of parts, are counted', () => {
  const classes = listFolder(folder(...many('a', 2), ...many('b', 2), '0.png', '1.png'));
  expect([counts(classes), notes(classes)]).toEqual([
    [4, 0, 0, ['a', 'b']],
    expect.stringContaining('2 images beside the class folders'),
  ]);
  const parts = listFolder(folder(...many('train/a', 2), ...many('test/a', 2), '0.png', 'train/1.png'));
  expect(notes(parts)).toMatch(/1 images beside the folders of the splits[\s\S]*1 images beside the class folders/);
});

test('links to files and folders are followed and counted; those to nowhere are counted, circles refused', () => {
  const outside = folder(...many('pool', 3));
  const path = folder(...many('a', 2));
  symlinkSync(join(outside, 'pool'), join(path, 'b'));
  symlinkSync(join(outside, 'nowhere.jpg'), join(path, 'a', 'gone.jpg'));
  symlinkSync('0.jpg', join(path, 'a', 'again.jpg'));
  const listing = listFolder(path);
  expect(counts(listing)).toEqual([5, 0, 0, ['a', 'b']]);
  expect(notes(listing)).toMatch(/2 links to files or folders were followed/);
  expect(notes(listing)).toMatch(/1 links that lead nowhere[\s\S]*gone\.jpg/);
  expect(notes(listing)).toMatch(/1 links to images of the same class and part were counted once/);
  symlinkSync(path, join(path, 'a', 'up'));
  expect(refusal(path)).toMatchObject({ code: 'DATA_UNREADABLE', message: expect.stringContaining('leads back') });
});

test('one image in two classes or parts by links is refused with both places', () => {
  const path = folder(...many('train/a', 2), ...many('test/a', 1));
  symlinkSync(join(path, 'train', 'a', '1.jpg'), join(path, 'test', 'a', 'copy.jpg'));
  expect(refusal(path)).toMatchObject({
    code: 'DATA_CONFLICT',
    message: expect.stringMatching(/train\/a\/1\.jpg[\s\S]*copy\.jpg/),
  });
});

test('pipes are left alone, not waited for', () => {
  const path = folder(...many('a', 2), ...many('b', 2));
  execFileSync('mkfifo', [join(path, 'a', 'pipe.jpg')]);
  const listing = listFolder(path);
  expect([counts(listing)[0], notes(listing)]).toEqual([4, expect.stringContaining('1 pipes')]);
});

test('a name that is no UTF-8 is refused, wherever it stands', () => {
  const path = folder(...many('a', 2));
  mkdirSync(Buffer.concat([Buffer.from(`${path}/caf`), Buffer.from([0xe9])]));
  expect(refusal(path)).toMatchObject({ code: 'DATA_UNREADABLE', message: expect.stringContaining('UTF-8') });
});

test('class names are the same in both forms of Unicode, in two parts and in one', () => {
  const [composed, apart] = ['\u00e9t\u00e9', 'e\u0301te\u0301'];
  const parts = listFolder(folder(...many(`train/${composed}`, 2), ...many('train/b', 2), ...many(`test/${apart}`, 1)));
  expect([counts(parts), parts.test[0]!.label]).toEqual([[4, 0, 1, ['b', composed]], 1]);
  const one = listFolder(folder(...many(composed, 2), ...many(apart, 3), ...many('b', 1)));
  expect([counts(one), notes(one)]).toEqual([
    [6, 0, 0, ['b', composed]],
    expect.stringContaining('they are one class'),
  ]);
});
