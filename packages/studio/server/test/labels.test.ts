/** @file Labels, classes, undo, the exam and tables, as a page and several people use them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openImages } from 'twoview';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeRunTable } from '../src/runs/run-table.js';
import type { RunningStudio } from '../src/start.js';
import { type Client, codeOf, openStudio } from './client.js';
import { flatFolder, picture, temporaryFolder, writeFiles } from './photographs.js';

const root = temporaryFolder();
const folder = join(root, 'photographs');
let project = '';
let count = 0;
let running: RunningStudio;
let client: Client;

beforeAll(async () => {
  await flatFolder(folder, 40, 16);
  return () => rmSync(root, { recursive: true });
});
beforeEach(async () => {
  project = join(root, `project-${count++}`);
  await open();
  for (const name of ['cat', 'dog']) await client.post('/api/classes', { add: { name } });
});
afterEach(() => running.close());

async function open(): Promise<void> {
  ({ running, client } = await openStudio({ source: folder, project }));
  await running.studio.source.listed;
}
const label = (image: number, given: number | null, by = 'Ada') =>
  client.post('/api/labels', { items: [{ image, class: given }], by, from: 'grid' });
const labels = async (): Promise<number[]> => (await client.get('/api/images')).json.label;

test('a label is there after it was answered, and after a restart, with who gave it and when', async () => {
  const { status, json } = await label(3, 1);
  expect(status).toBe(200);
  expect(json).toMatchObject({ accuracy: null, canUndo: true, canRedo: false });
  expect(json.classes.map(({ count: n }: { count: number }) => n)).toEqual([0, 1]);
  await running.close();
  await open();
  expect((await labels())[3]).toBe(1);
  const { history } = (await client.get('/api/image/3')).json;
  expect(history).toEqual([{ class: 1, by: 'Ada', from: 'grid', at: expect.stringMatching(/^\d{4}-.*Z$/) }]);
});

test('changes since a revision are those alone, and all of them for the revision of another server', async () => {
  const { revision } = (await client.get('/api/images')).json;
  await label(5, 0);
  await label(6, 1);
  const changes = (await client.get(`/api/images?since=${revision}`)).json;
  expect([changes.ids, changes.label]).toEqual([
    [5, 6],
    [0, 1],
  ]);
  expect((await client.get(`/api/images?since=${changes.revision}`)).json.ids).toEqual([]);
  expect((await client.get('/api/images?since=7')).json.ids).toHaveLength(40);
});

test('undo takes back what one did at once, in reverse, and redo brings it again until one does something new', async () => {
  const undo = (by: string) => client.post('/api/undo', { by });
  const redo = (by: string) => client.post('/api/redo', { by });
  await client.post('/api/labels', {
    items: [
      { image: 1, class: 0 },
      { image: 2, class: 0 },
    ],
    by: 'Ada',
    from: 'clusters',
  });
  await label(1, 1);
  expect((await undo('Ada')).json).toMatchObject({ changed: [1], canUndo: true, canRedo: true });
  expect((await labels()).slice(1, 3)).toEqual([0, 0]);
  expect((await undo('Ada')).json).toMatchObject({ changed: [1, 2], canUndo: false });
  expect((await undo('Ada')).json.changed).toEqual([]);
  expect((await redo('Ada')).json.changed).toEqual([1, 2]);
  expect((await redo('Ada')).json).toMatchObject({ changed: [1], canRedo: false });
  expect((await labels()).slice(1, 3)).toEqual([1, 0]);
  await undo('Ada');
  await label(9, 0);
  expect((await redo('Ada')).json.changed).toEqual([]);
  expect((await undo('Ada')).json.changed).toEqual([9]);
});

test('nobody undoes what somebody else did, nor what somebody else has changed since', async () => {
  await label(1, 0, 'Ada');
  await label(2, 0, 'Ben');
  expect((await client.post('/api/undo', { by: 'Ada' })).json.changed).toEqual([1]);
  await client.post('/api/redo', { by: 'Ada' });
  await label(1, 1, 'Ben');
  expect((await client.post('/api/undo', { by: 'Ada' })).json.changed).toEqual([]);
  expect((await labels()).slice(1, 3)).toEqual([1, 0]);
  expect((await client.get('/api/state')).json.people.sort()).toEqual(['Ada', 'Ben']);
});

test.each([
  ['an image that is not there', [{ image: 40, class: 0 }]],
  ['a class that is not there', [{ image: 0, class: 2 }]],
  [
    'one image twice',
    [
      { image: 0, class: 0 },
      { image: 0, class: 1 },
    ],
  ],
  ['nothing', []],
  ['a fraction', [{ image: 0.5, class: 0 }]],
])('a label for %s is refused, and none of the others is kept', async (_, items) => {
  const answer = await client.post('/api/labels', {
    items: [{ image: 7, class: 0 }, ...items].slice(items.length === 0 ? 1 : 0),
    by: 'Ada',
    from: 'grid',
  });
  expect([answer.status, codeOf(answer)]).toEqual([400, 'BAD_REQUEST']);
  expect((await labels()).every((one) => one === -1)).toBe(true);
});

test('classes have names and keys of their own, and keep their numbers', async () => {
  const add = (name: string, key?: string | null) => client.post('/api/classes', { add: { name, key } });
  expect((await add('owl')).json.classes.at(-1)).toEqual({ id: 2, name: 'owl', key: '3', count: 0 });
  expect((await add('cat')).status).toBe(400);
  expect((await add('e\u0301le\u0300ve', 'e')).json.classes.at(-1)).toMatchObject({ name: 'élève', key: 'e' });
  expect((await add('x', '1')).status).toBe(400);
  expect((await add('x', 'u')).status).toBe(400);
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(201)]) expect((await add(name)).status).toBe(400);
  await client.post('/api/classes', { rename: { id: 0, name: 'cats' } });
  expect((await client.post('/api/classes', { rename: { id: 1, name: 'cats' } })).status).toBe(400);
  const { json } = await client.post('/api/classes', { key: { id: 0, key: null } });
  expect(json.classes[0]).toEqual({ id: 0, name: 'cats', key: null, count: 0 });
});

test('a table goes out and comes back the same; what it leaves is said line by line', async () => {
  await label(0, 0);
  await label(1, 1);
  const csv = (await client.get('/api/labels.csv')).text;
  expect(csv.split('\n').slice(0, 2)).toEqual([
    'path,label,part,by,at',
    expect.stringMatching(/^000\.jpg,cat,train,Ada,/),
  ]);
  await client.post('/api/undo', { by: 'Ada' });
  const more = `${csv}nowhere.jpg,cat\n003.jpg,\n004.jpg,"an owl, white"\n000.jpg,dog\n`;
  const { json } = await client.post('/api/labels.csv', { csv: more, by: 'Ben' });
  expect(json).toMatchObject({ imported: 3, added: ['an owl, white'] });
  expect(json.left.map(({ line }: { line: number }) => line)).toEqual([4, 5, 7]);
  expect((await labels()).slice(0, 5)).toEqual([0, 1, -1, -1, 2]);
  expect((await client.post('/api/undo', { by: 'Ben' })).json.changed).toEqual([1, 4]);
  for (const bad of ['', 'a,b\n1,2', 'path,label\n"'])
    expect((await client.post('/api/labels.csv', { csv: bad, by: 'B' })).status).toBe(400);
});

test('the exam is drawn once for good, asks blind, and none of its images is labelled or learned from', async () => {
  for (let image = 0; image < 40; image++) await label(image, image % 2);
  expect((await client.post('/api/exam', { size: 21 })).status).toBe(400);
  const { json: exam } = await client.post('/api/exam', { size: 12 });
  expect(exam).toMatchObject({ size: 12, answered: 0, from: 'all' });
  expect(codeOf(await client.post('/api/exam', { size: 12 }))).toBe('EXAM_EXISTS');
  const { json: next } = await client.get('/api/exam/next?count=12');
  expect(new Set(next.images).size).toBe(12);
  const column = await labels();
  for (const image of next.images) {
    expect(column[image]).toBe(-1);
    expect((await client.get(`/api/image/${image}`)).json).toMatchObject({
      history: [],
      predictions: [],
      neighbours: { train: [] },
    });
    expect(codeOf(await label(image, 0))).toBe('EXAM_IMAGE');
  }
  expect(
    (await client.post('/api/undo', { by: 'Ada' })).json.changed.every((image: number) => !next.images.includes(image)),
  ).toBe(true);
  expect(
    (await client.get('/api/next?count=500')).json.images.some((image: number) => next.images.includes(image)),
  ).toBe(false);
  const items = next.images.slice(0, 5).map((image: number) => ({ image, class: 1 }));
  await client.post('/api/exam/answers', { items, by: 'Ben' });
  const outside = column.findIndex((one) => one >= 0);
  expect(codeOf(await client.post('/api/exam/answers', { items: [{ image: outside, class: 0 }], by: 'Ben' }))).toBe(
    'EXAM_IMAGE',
  );
  await running.close();
  await open();
  expect((await client.get('/api/exam')).json).toMatchObject({ size: 12, answered: 5 });
  expect((await client.get('/api/exam/next?count=12')).json.images).toEqual(next.images.slice(5));
});

test('a table for a training has answered exam images as its test part, and the others of the exam not at all', async () => {
  for (let image = 0; image < 30; image++) await label(image, image % 2);
  await client.post('/api/exam', { size: 12 });
  const { images } = (await client.get('/api/exam/next?count=12')).json;
  await client.post('/api/exam/answers', {
    items: images.slice(0, 7).map((image: number) => ({ image, class: 1 })),
    by: 'Ben',
  });
  const file = writeRunTable(running.studio.project, 'compare', join(root, 'run.csv'));
  using set = await openImages(file);
  const named = (part: 'train' | 'test') => set[part]!.paths!.map((path) => path.split('/').at(-1));
  const names = (some: number[]) => some.map((image) => `${String(image).padStart(3, '0')}.jpg`).sort();
  expect(named('test').sort()).toEqual(names(images.slice(0, 7)));
  expect(named('train').sort()).toEqual(
    names(Array.from({ length: 40 }, (_, i) => i).filter((i) => !images.includes(i))),
  );
});

test('files that come later are added at the end, and numbers stay', async () => {
  await label(39, 1);
  await running.close();
  writeFiles(folder, { '000a.jpg': await picture(70, 16) });
  await open();
  expect(running.studio.project.images[40]!.path).toBe('000a.jpg');
  expect((await labels())[39]).toBe(1);
  rmSync(join(folder, '000a.jpg'));
  await running.close();
  await open();
  expect((await client.get('/api/state')).json.ignored).toContainEqual({
    path: '000a.jpg',
    reason: expect.stringContaining('not in the source any more'),
  });
});

test('two studios on one project, and one project of two sources, are refused', async () => {
  await expect(openStudio({ source: folder, project })).rejects.toThrow('another studio');
  await running.close();
  await expect(openStudio({ source: root, project })).rejects.toThrow('other images');
  await open();
});
