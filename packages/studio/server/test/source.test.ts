/** @file Sources of images: what is shown, what is ignored and why, thumbnails, and files that change. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { State } from '../src/api.js';
import type { RunningStudio } from '../src/start.js';
import { type Client, openStudio } from './client.js';
import { picture, temporaryFolder, writeFiles } from './photographs.js';

const root = temporaryFolder();
const folder = join(root, 'photographs');
const project = join(root, 'project');
let running: RunningStudio;
let client: Client;
let state: State;

beforeAll(async () => {
  const turned = await sharp({ create: { width: 60, height: 30, channels: 3, background: 'red' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const whole = await picture(4);
  writeFiles(folder, {
    'cats/a.jpg': await picture(1),
    'cats/turned.jpg': turned,
    'dogs/b.png': await sharp(await picture(2))
      .png()
      .toBuffer(),
    'dogs/bitmap.bmp': bitmap(20),
    'dogs/half.jpg': whole.subarray(0, whole.length / 2),
    'dogs/text.jpg': 'no picture',
    'dogs/vector.png': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    'dogs/.hidden.jpg': await picture(3),
    'notes.txt': 'x',
  });
  mkdirSync(join(root, 'away'));
  writeFileSync(join(root, 'away', 'c.jpg'), await picture(5));
  symlinkSync(join(root, 'away', 'c.jpg'), join(folder, 'cats', 'link.jpg'));
  symlinkSync(join(root, 'nowhere'), join(folder, 'cats', 'broken.jpg'));
  await open();
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

/** 24 bits a pixel, all blue. */
function bitmap(side: number): Buffer {
  const row = Math.ceil((3 * side) / 4) * 4;
  const bytes = Buffer.alloc(54 + row * side);
  bytes.write('BM');
  for (const [at, value] of [
    [2, bytes.length],
    [10, 54],
    [14, 40],
    [18, side],
    [22, side],
    [34, row * side],
  ] as const)
    bytes.writeUInt32LE(value, at);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) bytes[54 + y * row + 3 * x] = 255;
  return bytes;
}

async function open(): Promise<void> {
  ({ running, client } = await openStudio({ source: folder, project }));
  await running.studio.opened;
  state = (await client.get('/api/state')).json;
}
const idOf = (path: string): number => running.studio.project.images.find((image) => image.path === path)!.id;

const REASONS = {
  'cats/broken.jpg': 'leads nowhere',
  'cats/link.jpg': 'leads out',
  'dogs/.hidden.jpg': 'hidden',
  'dogs/half.jpg': '',
  'dogs/text.jpg': '',
  'dogs/vector.png': 'SVG',
  'notes.txt': 'by its name',
};

test('each file that is not used is named with its reason, and the others are ready all the same', () => {
  expect(state).toMatchObject({ phase: 'ready', failure: null });
  expect(Object.fromEntries(state.ignored.map(({ path, reason }) => [path, reason]))).toEqual(
    Object.fromEntries(Object.entries(REASONS).map(([path, reason]) => [path, expect.stringContaining(reason)])),
  );
  for (const { reason } of state.ignored) expect(reason.length).toBeGreaterThan(5);
});

test('folders are classes, and their labels are there from the beginning', () => {
  expect(state.classes.map(({ name, count }) => [name, count])).toEqual([
    ['cats', 3],
    ['dogs', 5],
  ]);
});

test('a thumbnail fits its size, stands upright, and comes from the cache the second time', async () => {
  const first = await client.get(`/thumb/${idOf('cats/turned.jpg')}`);
  expect(first.headers).toMatchObject({
    'content-type': 'image/webp',
    'cache-control': expect.stringContaining('immutable'),
  });
  const { width, height } = await sharp(first.body).metadata();
  expect([width, height]).toEqual([30, 60]);
  rmSync(join(folder, 'cats/turned.jpg'));
  expect((await client.get(`/thumb/${idOf('cats/turned.jpg')}`)).body.equals(first.body)).toBe(true);
  expect((await client.get(`/thumb/${idOf('cats/a.jpg')}?size=256`)).status).toBe(200);
  expect((await client.get(`/thumb/${idOf('cats/a.jpg')}?size=200`)).status).toBe(400);
});

test('many thumbnails come in one answer, and what cannot be shown comes without bytes', async () => {
  const paths = ['cats/a.jpg', 'dogs/text.jpg', 'dogs/bitmap.bmp', 'cats/turned.jpg'];
  const { status, body } = await client.get(`/api/thumbs?ids=${paths.map(idOf).join(',')}`);
  expect(status).toBe(200);
  const came = new Map<number, Buffer>();
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32LE(at + 4);
    came.set(body.readUInt32LE(at), body.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  expect([...came.keys()].sort()).toEqual(paths.map(idOf).sort());
  for (const path of paths) {
    const alone = await client.get(`/thumb/${idOf(path)}`);
    expect([path, came.get(idOf(path))!.equals(alone.status === 200 ? alone.body : Buffer.alloc(0))]).toEqual([
      path,
      true,
    ]);
  }
  for (const ids of ['', '1,x', '1,,2', '999999', Array(101).fill(0).join(',')])
    expect([ids, (await client.get(`/api/thumbs?ids=${ids}`)).status >= 400]).toEqual([ids, true]);
});

test('a bitmap, which sharp does not read, is drawn from the store', async () => {
  const { body, status } = await client.get(`/thumb/${idOf('dogs/bitmap.bmp')}`);
  expect(status).toBe(200);
  const { data } = await sharp(body).raw().toBuffer({ resolveWithObject: true });
  expect([...data.subarray(0, 3)]).toEqual([0, 0, 255]);
});

test('decoding and the store give way to thumbnails of files, which are drawn without libtorch', async () => {
  const { pictures, source } = running.studio;
  const [files, store, decoding] = [pictures.ofFiles, pictures.ofStore, source.child].map(({ pid }) => pid!);
  expect(getPriority(files)).toBeLessThan(getPriority(store!));
  expect(getPriority(store!)).toBeLessThan(getPriority(decoding!));
  const loaded = (pid: number) => readFileSync(`/proc/${pid}/maps`, 'utf8');
  if (!existsSync('/proc/self/maps')) return; // only Linux lists what a process has loaded
  expect(loaded(files!)).not.toContain('libtorch');
  expect(loaded(store!)).toContain('libtorch');
});

test('what cannot be drawn is refused with a sentence', async () => {
  for (const path of ['dogs/text.jpg', 'dogs/vector.png', 'cats/link.jpg']) {
    const { status, json } = await client.get(`/thumb/${idOf(path)}`);
    expect([path, status, json.error.code]).toEqual([path, 422, 'IMAGE_UNREADABLE']);
  }
});

test('without an encoder, what needs one says so; what no version has says NOT_YET', async () => {
  const code = async (path: string) => (await client.get(path)).json.error.code;
  expect(await code('/api/similar/0')).toBe('NO_ENCODER');
  expect(await code('/api/map')).toBe('NO_ENCODER');
  expect(await code('/api/clusters')).toBe('NO_ENCODER');
  expect(await code('/api/accuracy')).toBe('NO_ENCODER');
  const { json } = await client.get('/api/next?count=3');
  expect(json).toMatchObject({ images: [], method: 'random' }); // all are labelled
});

test('twins are found by their picture, and flagged', async () => {
  await running.close();
  writeFiles(folder, { 'cats/copy.jpg': await picture(1) });
  await open();
  const { json } = await client.get('/api/suspects');
  const pair = [idOf('cats/a.jpg'), idOf('cats/copy.jpg')].sort();
  expect(json.twins.map(({ a, b, exact }: { a: number; b: number; exact: boolean }) => [[a, b].sort(), exact])).toEqual(
    [[pair, true]],
  );
  expect(json.missing.map(({ list }: { list: string }) => list)).toEqual(['labels']);
  const { flags } = (await client.get('/api/images')).json;
  for (const image of pair) expect(flags[image] & 1).toBe(1);
});

test('a file that was damaged and is whole now is used at the next start', async () => {
  await running.close();
  writeFiles(folder, { 'dogs/half.jpg': await picture(4) });
  await open();
  expect(state.ignored.map(({ path }) => path)).not.toContain('dogs/half.jpg');
  expect(state.ignored.map(({ path }) => path)).toContain('dogs/text.jpg');
});
