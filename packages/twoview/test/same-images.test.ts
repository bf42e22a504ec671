/** @file Whether these are the same images: for a run that is resumed, for a store, and after a process was killed. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openImages } from '../src/data/open-images.js';
import { RunFolder } from '../src/runs/run-folder.js';
import { classFolders, picture, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const stores = join(root, 'cache', 'stores');
const before = process.env.TWOVIEW_DATA;
beforeAll(async () => {
  process.env.TWOVIEW_DATA = join(root, 'cache');
  await torch.load();
  await classFolders(join(root, 'set'), ['a', 'b'], 10);
});
afterAll(() => {
  if (before === undefined) delete process.env.TWOVIEW_DATA;
  else process.env.TWOVIEW_DATA = before;
  rmSync(root, { recursive: true });
});

const run = (name: string, resume: boolean, set: Awaited<ReturnType<typeof openImages>>, data: string) =>
  RunFolder.during(
    join(root, name),
    'finetune',
    { resume, data } as { resume: boolean },
    { data: set },
    async (folder) => {
      folder.writeText('metrics.jsonl', '');
      return 'went on';
    },
  );

test('a run goes on with the same images under another name, and not with others, which are named', async () => {
  const folder = join(root, 'set');
  symlinkSync(folder, join(root, 'link'));
  const set = await openImages(folder);
  expect(await run('r', false, set, folder)).toBe('went on');
  for (const name of [`${folder}/`, join(root, 'set', '..', 'set'), join(root, 'link')]) {
    const again = await openImages(name);
    expect([again.hash, await run('r', true, again, name)]).toEqual([set.hash, 'went on']);
  }
  writeFileSync(join(folder, 'a', 'new.png'), await picture(16, 200));
  await expect(run('r', true, await openImages(folder), folder)).rejects.toMatchObject({
    code: 'RUN_DATA_CHANGED',
    message: expect.stringContaining('16 training images there, 17 here'),
  });
  rmSync(join(folder, 'a', 'new.png'));
  expect(await run('r', true, await openImages(folder), folder)).toBe('went on');
});

test('a file that was exchanged for one of the same size and time is noticed', async () => {
  const folder = await classFolders(join(root, 'exchanged'), ['a', 'b'], 5);
  const file = join(folder, 'a', '0.png');
  const other = join(root, 'other.png');
  writeFileSync(other, await picture(16, 7));
  writeFileSync(file, await picture(16, 3));
  const { size, atime, mtime } = statSync(file);
  expect(statSync(other).size).toBe(size);
  const first = await openImages(folder);
  utimesSync(other, atime, mtime);
  renameSync(other, file);
  expect((await openImages(folder)).hash).not.toBe(first.hash);
});

test('half stores of dead processes of this machine are swept, those of others and of living ones are not', async () => {
  const [dead, living, elsewhere] = [
    `x.partial-${hostname()}-999999999`,
    `x.partial-${hostname()}-${process.pid}`,
    'x.partial-another-999999999',
  ];
  mkdirSync(stores, { recursive: true });
  for (const name of [dead, living, elsewhere]) writeFileSync(join(stores, name), '');
  await openImages(await classFolders(join(root, 'after'), ['a', 'b'], 5, 20));
  expect([dead, living, elsewhere].map((name) => existsSync(join(stores, name)))).toEqual([false, true, true]);
});

test('the note that images were scaled is said again where the size is known and the store is not', async () => {
  const folder = await classFolders(join(root, 'scaled'), ['a', 'b'], 5, 100);
  expect((await openImages(folder)).notes.join()).toContain('brought to 96 x 96');
  for (const name of readdirSync(stores)) if (name.endsWith('-96.safetensors')) rmSync(join(stores, name));
  expect((await openImages(folder)).notes.join()).toContain('brought to 96 x 96');
});

test('a store that was damaged is made again, and it is said', async () => {
  const folder = await classFolders(join(root, 'torn'), ['a', 'b'], 5, 24);
  const old = new Set(readdirSync(stores));
  const first = await openImages(folder);
  const [made] = readdirSync(stores).filter((name) => !old.has(name) && name.endsWith('.safetensors'));
  writeFileSync(join(stores, made!), 'torn');
  const said: string[] = [];
  const again = await openImages(folder, {}, { onEvent: (event) => 'text' in event && said.push(event.text) });
  expect([again.hash, said.join()]).toEqual([first.hash, expect.stringContaining('is made again')]);
});
