/** @file Tables as other tools write them: read, or refused with the line and the way out. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { READING_DEFAULTS } from '../src/config/reading-defaults.js';
import { listTable } from '../src/data/tables/list-table.js';
import { TwoviewError } from '../src/errors.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const files = ['cat', 'dog'].flatMap((name) => [0, 1, 2, 3, 4].map((i) => `photos/${name}/${name}${i}.jpg`));
const classOf = (path: string) => path.split('/')[1]!;
beforeAll(() => {
  for (const name of ['cat', 'dog', 'été']) mkdirSync(join(root, 'photos', name), { recursive: true });
  for (const file of [
    ...files,
    'photos/5" tall.jpg',
    'photos/a,b.jpg',
    'photos/été/x.png',
    'photos/two.jpg',
    'photos/two.png',
  ])
    writeFileSync(join(root, file), '');
});
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
function list(
  content: string | Buffer,
  options: Partial<Record<keyof typeof READING_DEFAULTS, string>> = {},
  ending = 'csv',
) {
  const file = join(root, `${made++}.${ending}`);
  writeFileSync(file, content);
  const { train, val, test: tested, classes, notes } = listTable(file, { ...READING_DEFAULTS, ...options } as never);
  return { counts: [train.length, val.length, tested.length], classes, notes: notes.join('\n'), train, val, tested };
}
function refusal(...args: Parameters<typeof list>): TwoviewError {
  try {
    throw new Error(`not refused: ${JSON.stringify(list(...args).counts)}`);
  } catch (error) {
    if (error instanceof TwoviewError) return error;
    throw error;
  }
}
const table = (head: string, row: (path: string, i: number) => string, end = '\n') =>
  [head, ...files.map(row)].join(end) + end;
const plain = table('path,label', (path) => `${path},${classOf(path)}`);

test.each([
  ['UTF-16 of big end', Buffer.from(`\ufeff${plain}`, 'utf16le').swap16()],
  ['a mark and CRLF', `\ufeff${plain.replaceAll('\n', '\r\n')}`],
  ['bars', plain.replaceAll(',', '|')],
  ['sep=; and semicolons', `sep=;\r\n${plain.replaceAll(',', ';')}`],
  ['rows that end in empty cells, and rows of nothing else', `${plain.replaceAll('\n', ',,\n')},,,\n\n , ,\n`],
  ['without a first line', plain.slice(plain.indexOf('\n') + 1)],
])('%s', (_, content) => {
  expect(list(content)).toMatchObject({ counts: [10, 0, 0], classes: ['cat', 'dog'] });
});

test.each([
  ['FilePath', 'Category Name'],
  ['image name', 'TARGET'],
  ['IMG', 'labels'],
  ['Image-ID', 'class_name'],
])('columns called %s and %s, behind others that are named as unused', (path, label) => {
  const found = list(table(`,weight,${label},${path}`, (file, i) => `${i},0.5,${classOf(file)},${file}`));
  expect([found.counts, found.classes]).toEqual([
    [10, 0, 0],
    ['cat', 'dog'],
  ]);
  expect(found.notes).toContain('columns that are not used: without a name, weight');
});

test('columns by name; a name that is not there is refused with those that are', () => {
  const content = table('where,what,label', (file) => `${file},${classOf(file)},x`);
  expect(list(content, { pathColumn: 'where', labelColumn: 'what' }).classes).toEqual(['cat', 'dog']);
  expect(list(content, { pathColumn: 'where', labelColumn: 'none' }).classes).toEqual([]);
  expect(refusal(content, { pathColumn: 'Where' })).toMatchObject({
    code: 'TABLE_INVALID',
    message: expect.stringContaining('where, what, label'),
  });
  expect(refusal(content)).toMatchObject({ code: 'TABLE_INVALID', message: expect.stringContaining('--path-column') });
});

test('a table whose columns name no label says so', () => {
  expect(list(table('path,species', (file) => `${file},x`)).notes).toMatch(/not used: species[\s\S]*--label-column/);
});

test('parts by words of any case; by yes and no; a word that is unknown, a fold, an empty cell: refused', () => {
  const words = ['Training', 'TRAIN', 'dev', 'Testing', 'eval'];
  const found = list(table('path,label,subset', (file, i) => `${file},${classOf(file)},${words[i % 5]}`));
  expect(found.counts).toEqual([4, 2, 4]);
  const yesNo = list(
    table('file_name,label,is_valid', (file, i) => `${file},${classOf(file)},${i % 5 === 4 ? 'TRUE' : 'False'}`),
  );
  expect([yesNo.counts, yesNo.notes]).toEqual([[8, 0, 2], expect.stringContaining('is the test split')]);
  const unknown = refusal(table('path,label,split', (file, i) => `${file},x,${i === 3 ? 'extra' : 'train'}`));
  expect([unknown.code, unknown.message]).toEqual([
    'TABLE_INVALID',
    expect.stringMatching(/"extra" names no split[\s\S]*\.csv:5/),
  ]);
  expect(refusal(table('path,label,fold', (file, i) => `${file},x,${i % 5}`)).message).toContain('folds');
  expect(refusal(table('path,label,set', (file, i) => `${file},x,${i === 2 ? '' : 'train'}`)).message).toContain(
    'names no split',
  );
  expect(
    list(
      table('path,label,fold', (file, i) => `${file},x,${i % 5}`),
      { splitColumn: 'none' },
    ).counts,
  ).toEqual([10, 0, 0]);
  const two = refusal(table('path,label,split,is_valid', (file) => `${file},x,train,1`));
  expect(two.message).toContain('--split-column split');
});

test('one row an image: equal rows are merged, contradicting ones refused with their lines, however the path is spelt', () => {
  const merged = list(`${plain}./${files[0]},cat\nphotos/../${files[1]},cat\n`);
  expect([merged.counts, merged.notes]).toEqual([[10, 0, 0], expect.stringContaining('2 rows say')]);
  const labels = refusal(`${plain}./${files[0]},dog\n`);
  expect([labels.code, labels.message]).toEqual([
    'DATA_CONFLICT',
    expect.stringMatching(/label cat, and label dog[\s\S]*:2 and 12/),
  ]);
  const parts = refusal(`path,label,split\n${files[0]},cat,train\n${files[1]},cat,train\n${files[0]},cat,valid\n`);
  expect([parts.code, parts.message]).toEqual([
    'DATA_CONFLICT',
    expect.stringMatching(/split train, and split valid[\s\S]*:2 and 4/),
  ]);
  expect(refusal(`${plain}${files[0]},\n`).message).toContain('label left open');
});

test('quotes: cells that need them, an inch sign, one without its partner', () => {
  const found = list(`path,label\n"photos/a,b.jpg","x, ""y"""\nphotos/5" tall.jpg,z\n`);
  expect([found.counts, found.classes]).toEqual([
    [2, 0, 0],
    ['x, "y"', 'z'],
  ]);
  expect(refusal(`path,label\n${files[0]},"cat\n${files[1]},cat\n`)).toMatchObject({ code: 'TABLE_INVALID' });
  expect(refusal(`path,label\n${files[0]},"cat\n${files[1]},cat"\n`).message).toContain('several lines');
});

test('an unquoted separator inside a cell is refused with the row', () => {
  const error = refusal(`path,label\n${files[0]},cat\nphotos/a,b.jpg,x\n`);
  expect(error.message).toMatch(/more cells than there are columns[\s\S]*\.csv:3/);
});

test('several labels in a cell are refused; a class whose name holds a comma is not', () => {
  const label = (some: string[]) => table('path;label', (file, i) => `${file};${some[i % some.length]}`);
  for (const some of [
    ['a', 'a|b'],
    ["['a', 'b']", 'a'],
    ['a,b', 'a', 'b'],
    ['a, c', 'b, c', 'a'],
  ])
    expect(refusal(label(some))).toMatchObject({
      code: 'TABLE_INVALID',
      message: expect.stringContaining('several labels'),
    });
  const names = ['maillot', 'maillot, tank suit', 'great white shark, white shark', 'cock', 'hen, biddy'];
  expect(list(label(names)).classes).toEqual([...names].sort());
});

test('paths: backslashes, another form of Unicode, no extension; what could be two files is none', () => {
  const found = list(`path,label\nphotos\\cat\\cat0.jpg,a\nphotos/e\u0301te\u0301/x.png,b\nphotos/dog/dog1,c\n`);
  expect(found.train.map(({ path }) => path.slice(root.length + 1)).sort()).toEqual(
    [files[0], files[6], 'photos/été/x.png'].sort(),
  );
  expect(found.notes).toMatch(/backslashes[\s\S]*Unicode[\s\S]*without an extension/);
  expect(refusal('path,label\nphotos/two,a\n')).toMatchObject({
    code: 'DATA_NOT_FOUND',
    message: expect.stringContaining('.csv:2'),
  });
});

test('bytes that are no UTF-8 are refused with their line; --encoding reads them', () => {
  const content = Buffer.from(`path,label\n${files[0]},cat\n${files[1]},caf\xe9\n`, 'latin1');
  expect(refusal(content)).toMatchObject({
    code: 'TABLE_INVALID',
    message: expect.stringMatching(/no UTF-8[\s\S]*\.csv:3/),
  });
  expect(list(content, { encoding: 'windows-1252' }).classes).toEqual(['café', 'cat']);
  expect(refusal(Buffer.from(plain, 'utf16le')).message).toContain('--encoding utf-16le');
  expect(refusal(content, { encoding: 'klingon' }).code).toBe('CONFIG_INVALID');
});

test('labels in both forms of Unicode are one class', () => {
  expect(list(`path,label\n${files[0]},e\u0301\n${files[1]},\u00e9\n`).classes).toEqual(['\u00e9']);
});

test("predict's own table: the labels it holds, or what it predicted where there are none", () => {
  const head = 'split,index,path,label,predicted,probability';
  const own = list(table(head, (file, i) => `${i < 8 ? 'train' : 'test'},${i},${file},${classOf(file)},dog,0.9`));
  expect([own.counts, own.classes]).toEqual([
    [8, 0, 2],
    ['cat', 'dog'],
  ]);
  const without = list(table('split,index,path,predicted,probability', (file, i) => `train,${i},${file},dog,0.9`));
  expect(without.classes).toEqual(['dog']);
});

test('a table of a first line alone, an empty one, a folder for a file', () => {
  expect(refusal('path,label\n').code).toBe('DATA_EMPTY');
  expect(refusal('').code).toBe('DATA_EMPTY');
  expect(refusal('path,label\nnowhere.jpg,a\n')).toMatchObject({ code: 'DATA_NOT_FOUND' });
});
