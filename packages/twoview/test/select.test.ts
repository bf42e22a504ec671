/** @file Images are chosen, labelled by somebody, and taken back with exactly these labels. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageSet, openImages, pretrain, type SelectOptions, select } from '../src/index.js';
import { twoview } from './command-line.js';
import { picture, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const COUNT = 30;
/** Names that a table must put into quotes, or that readers take for something else. */
const ODD = ['a, b.png', ' first.png', '5" tall.png', 'été.png', 'x;y|z.png'];
const names = [...ODD, ...Array.from({ length: COUNT - ODD.length }, (_, i) => `${i}.png`)];

let out = 0;
const choose = (more: Partial<SelectOptions>) =>
  select({ ...machine, data: at('photos'), weights: at('run'), budget: 5, out: at('tables', `${out++}.csv`), ...more });
type Row = Record<string, string>;
const rowsIn = (file: string): Row[] => parse(readFileSync(file), { columns: true });
/** Gives every row of a table the label that `name` says, as somebody with a spreadsheet would. */
function fillIn(file: string, name: (row: Row, i: number) => string): Row[] {
  const rows = rowsIn(file).map((row, i) => ({ ...row, label: name(row, i) }));
  const quoted = (cells: string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  writeFileSync(file, [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map(quoted).join('\n'));
  return rows;
}

beforeAll(async () => {
  mkdirSync(at('photos'));
  mkdirSync(at('tables'));
  for (const [i, name] of names.entries()) writeFileSync(at('photos', name), await picture(16, 8 * i));
  const training = { ...machine, data: at('photos'), model: 'resnet10_narrow', stem: 'cifar-half' } as const;
  await pretrain({ ...training, epochs: 1, batchSize: 8, heldOut: 0, out: at('run') });
});
afterAll(() => rmSync(root, { recursive: true }));

describe('the table', () => {
  test('names all images in the order of choice, and is read back with exactly the labels that were filled in', async () => {
    const { file, chosen, images } = await choose({ budget: COUNT });
    expect([images, chosen.map(({ rank }) => rank)]).toEqual([COUNT, Array.from({ length: COUNT }, (_, i) => i + 1)]);
    expect(Object.keys(rowsIn(file)[0]!)).toEqual(['path', 'label', 'rank']);
    expect(rowsIn(file).map(({ path }) => path)).toEqual(chosen.map(({ path }) => join('..', 'photos', path!)));
    expect(chosen.map(({ path }) => path!).sort()).toEqual([...names].sort());
    const rows = fillIn(file, (_, i) => ['cat', 'dog', 'a "third" one, with a comma'][i % 3]!);
    using set = await openImages(file);
    const read = [set.train, set.test!].flatMap(({ paths, labels }) =>
      (labels.tolist() as number[]).map((label, i) => [paths![i]!, set.classes[label]]),
    );
    expect(Object.fromEntries(read)).toEqual(Object.fromEntries(rows.map(({ path, label }) => [path, label])));
    expect(read).toHaveLength(COUNT);
    expect(set.notes).toContain('columns that are not used: rank');
  });

  test('with some labels filled in, the others stay open', async () => {
    const { file } = await choose({ budget: 12, method: 'random', weights: '' });
    fillIn(file, (_, i) => (i < 8 ? ['cat', 'dog'][i % 2]! : ''));
    using set = await openImages(file);
    expect((set.train.labels.tolist() as number[]).filter((label) => label < 0)).toHaveLength(4);
  });

  test('beside the pictures is read back as it was written, whatever they are called', async () => {
    const { file, chosen } = await choose({
      budget: COUNT,
      method: 'random',
      weights: '',
      out: at('photos', 'here.csv'),
    });
    using set = await openImages(file);
    rmSync(file);
    expect([set.train.paths, set.classes]).toEqual([chosen.map(({ path }) => path), []]);
  });

  test('of images that have no files, says which they are by part and index', async () => {
    const images = torch.scope(() => torch.randint(0, 256, [20, 3, 16, 16], { dtype: 'uint8' }));
    using own = await imageSet({ train: { images } });
    const first = await choose({ data: own });
    expect(rowsIn(first.file)).toEqual(
      first.chosen.map(({ rank, index }) => ({ split: 'train', index: `${index}`, label: '', rank: `${rank}` })),
    );
    const rows = fillIn(first.file, (_, i) => (i === 4 ? '' : 'cat'));
    const more = await choose({ data: own, labelled: first.file, budget: 16 });
    const known = rows.slice(0, 4).map(({ index }) => Number(index));
    expect([more.labelled, [...known, ...more.chosen.map(({ index }) => index)].sort((a, b) => a - b)]).toEqual([
      4,
      Array.from({ length: 20 }, (_, i) => i),
    ]);
    writeFileSync(at('wrong.csv'), 'split,index,label\ntrain,3,cat\ntrain,20,cat\n');
    await expect(choose({ data: own, labelled: at('wrong.csv') })).rejects.toMatchObject({
      code: 'TABLE_INVALID',
      message: expect.stringContaining('wrong.csv:3'),
    });
    writeFileSync(at('paths.csv'), 'path,label\na.png,cat\n');
    await expect(choose({ data: own, labelled: at('paths.csv') })).rejects.toThrow(/a column index and a column label/);
  });
});

describe('images that have a label', () => {
  test('are not offered again: ten in two turns are the ten of one', async () => {
    const ten = await choose({ budget: 10 });
    const five = await choose({ budget: 5 });
    fillIn(five.file, () => 'cat');
    const more = await choose({ budget: 5, labelled: five.file });
    const paths = (some: { path: string | null }[]) => some.map(({ path }) => path);
    expect([...paths(five.chosen), ...paths(more.chosen)]).toEqual(paths(ten.chosen));
    expect(more.labelled).toBe(5);
  });

  test('in the set itself, where others have none, count as chosen; where all have one they are not looked at', async () => {
    const line = (name: string, label: string) => `"${at('photos', name).replaceAll('"', '""')}",${label}`;
    const table = (file: string, labelled: number) =>
      writeFileSync(
        at(file),
        `path,label\n${names.map((name, i) => line(name, i < labelled ? 'ab'[i % 2]! : '')).join('\n')}\n`,
      );
    table('partly.csv', 20);
    using set = await openImages(at('partly.csv'));
    const open = (set.train.labels.tolist() as number[]).flatMap((label, i) => (label < 0 ? [i] : []));
    const { chosen, labelled } = await choose({ data: at('partly.csv'), budget: 10 });
    expect([labelled, chosen.map(({ index }) => index).sort((a, b) => a - b)]).toEqual([set.train.count - 10, open]);
    table('whole.csv', COUNT);
    const notes: string[] = [];
    const onEvent = (event: { type: string; text?: string }) => void notes.push(event.text ?? '');
    const all = await choose({ data: at('whole.csv'), method: 'stratified', weights: '', budget: 20, onEvent });
    expect([all.labelled, all.chosen.length]).toEqual([0, 20]);
    expect(notes.join('\n')).toContain('all training images of whole.csv have a label');
  });

  test('and rows that name other images, or have no label, are counted', async () => {
    writeFileSync(at('other.png'), await picture(16, 9));
    writeFileSync(at('some.csv'), 'path,label\nphotos/0.png,cat\nphotos/1.png,\nother.png,dog\n');
    const notes: string[] = [];
    const onEvent = (event: { type: string; text?: string }) => void notes.push(event.text ?? '');
    const { labelled } = await choose({ labelled: at('some.csv'), onEvent });
    expect(labelled).toBe(1);
    expect(notes.join('\n')).toMatch(/1 labelled rows of .*some.csv name no training image of photos/);
    expect(notes.join('\n')).toMatch(/1 rows of .*some.csv have no label/);
  });
});

test('of pictures that are equal pixel by pixel one is offered, and none beside a labelled one', async () => {
  mkdirSync(at('twins'));
  for (const name of ['0.png', '1.png', '2.png']) copyFileSync(at('photos', name), at('twins', name));
  copyFileSync(at('photos', '0.png'), at('twins', 'again.png'));
  const notes: string[] = [];
  const onEvent = (event: { type: string; text?: string }) => void notes.push(event.text ?? '');
  const { chosen, repeats } = await choose({ data: at('twins'), budget: 3, onEvent });
  expect([repeats, chosen.map(({ path }) => path).sort()]).toEqual([1, ['0.png', '1.png', '2.png']]);
  expect(notes).toContain('note: 1 images have the pixels of another one, which stands for them');
  await expect(choose({ data: at('twins'), budget: 4 })).rejects.toMatchObject({ code: 'BUDGET_TOO_LARGE' });
  writeFileSync(at('twin.csv'), 'path,label\ntwins/again.png,cat\n');
  const rest = await choose({ data: at('twins'), labelled: at('twin.csv'), budget: 2 });
  expect(rest.chosen.map(({ path }) => path).sort()).toEqual(['1.png', '2.png']);
});

test.each<[string, Partial<SelectOptions>, string, RegExp]>([
  ['more images than there are', { budget: 31 }, 'BUDGET_TOO_LARGE', /--budget 30 {2}is the most/],
  ['no representations', { weights: '' }, 'CONFIG_INVALID', /--weights RUN/],
  ['classes of images without labels', { method: 'stratified' }, 'LABELS_MISSING', /30 of 30 have none/],
  ['no run', { weights: root }, 'RUN_NOT_FOUND', /holds no weights/],
  ['no such table', { labelled: 'nowhere.csv' }, 'DATA_NOT_FOUND', /--labelled nowhere.csv/],
])('%s: %j is refused with %s', async (_, options, code, words) => {
  const file = at('refused.csv');
  await expect(choose({ ...options, out: file })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(words),
  });
  expect(existsSync(file)).toBe(false);
});

test('a labelled table of other images, a name with a line break, and a file that is there are refused', async () => {
  writeFileSync(at('alone.png'), await picture(16, 1));
  writeFileSync(at('alone.csv'), 'path,label\nalone.png,cat\n');
  await expect(choose({ labelled: at('alone.csv') })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('none of the 1 labelled images'),
  });
  mkdirSync(at('broken'));
  writeFileSync(at('broken', 'two\nlines.png'), await picture(16, 1));
  await expect(choose({ data: at('broken'), budget: 1 })).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
  writeFileSync(at('mine.csv'), 'mine');
  await expect(choose({ out: at('mine.csv') })).rejects.toMatchObject({ code: 'RUN_EXISTS' });
});

test('representations that are not finite are refused', async () => {
  torch.scope(() => {
    const { tensors, metadata } = torch.safetensors.load(at('run/checkpoints/last.safetensors'));
    const broken = Object.entries(tensors).map(([key, x]) => [
      key,
      key === 'conv1.weight' ? x.fullLike(Number.NaN) : x,
    ]);
    torch.safetensors.save(at('broken.safetensors'), Object.fromEntries(broken), metadata);
  });
  await expect(choose({ weights: at('broken.safetensors') })).rejects.toMatchObject({
    code: 'WEIGHTS_CORRUPT',
    message: expect.stringContaining('30 of 30 representations are not finite'),
  });
});

test('the command says what it chose and what to do next', () => {
  const file = at('command.csv');
  const args = ['select', '--method', 'random', '--data', at('photos'), '--budget', '3', '--out', file];
  const { status, stdout } = twoview(args);
  expect([status, stdout]).toEqual([
    0,
    `chosen    3 of 30 images, by random\nrows      ${file}: fill in the column label\n`,
  ]);
  expect(rowsIn(file)).toHaveLength(3);
});
