/** @file Similar images, the map and predictions against their definitions in plain loops, with a real encoder. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { exampleViews, maxHerding, openImages, pretrain, ridgeHead, scaleOf, views } from 'twoview';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningStudio } from '../src/start.js';
import { type Client, codeOf, openStudio } from './client.js';
import { flatFolder, temporaryFolder } from './photographs.js';

const COUNT = 40;
const root = temporaryFolder();
const folder = join(root, 'photographs');
const project = join(root, 'project');
const weights = join(root, 'run');
let running: RunningStudio;
let client: Client;
let features: number[][];

beforeAll(async () => {
  await flatFolder(folder, COUNT, 16);
  await pretrain({ data: folder, model: 'resnet10_narrow', epochs: 1, batchSize: 8, heldOut: 0, out: weights });
  await open();
  const [file] = readdirSync(join(project, 'features'));
  const { tensors } = torch.safetensors.load(join(project, 'features', file!));
  const flat = tensors.features!.tolist() as number[];
  const d = flat.length / COUNT;
  features = Array.from({ length: COUNT }, (_, i) => flat.slice(i * d, (i + 1) * d));
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

async function open(): Promise<void> {
  ({ running, client } = await openStudio({ source: folder, project, weights }));
  await running.studio.opened;
}
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const cosine = (a: number, b: number) =>
  dot(features[a]!, features[b]!) / Math.sqrt(dot(features[a]!, features[a]!) * dot(features[b]!, features[b]!));

test('representations are computed once for an encoder and a set', async () => {
  const { encoder } = (await client.get('/api/state')).json;
  expect(encoder).toMatchObject({ weights, done: COUNT, total: COUNT, featureSize: features[0]!.length });
  const time = () =>
    readdirSync(join(project, 'features')).map((name) => [name, statSync(join(project, 'features', name)).mtimeMs]);
  const before = time();
  await running.close();
  await open();
  expect(time()).toEqual(before);
});

test('once the state says how many numbers a representation has, all that needs them answers', async () => {
  await running.close();
  ({ running, client } = await openStudio({ source: folder, project, weights }));
  const size = async () => (await client.get('/api/state')).json.encoder?.featureSize ?? 0;
  while ((await size()) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const asked = ['/api/similar/7?count=10', '/api/map', '/api/clusters?rows=2&size=4'];
  expect(await Promise.all(asked.map(async (path) => (await client.get(path)).status))).toEqual([200, 200, 200]);
  await running.studio.opened;
});

test('similar images are the nearest by cosine similarity, exactly', async () => {
  const { neighbours } = (await client.get('/api/similar/7?count=10')).json;
  const all = Array.from({ length: COUNT }, (_, id) => ({ id, similarity: cosine(7, id) })).filter(
    ({ id }) => id !== 7,
  );
  const expected = all.sort((a, b) => b.similarity - a.similarity).slice(0, 10);
  neighbours.forEach(({ id, similarity }: { id: number; similarity: number }, i: number) => {
    // float32 products of unit vectors are good to some 1e-6, and neighbours nearer to each other than that may change places.
    expect(Math.abs(similarity - expected[i]!.similarity)).toBeLessThan(1e-5);
    expect(Math.abs(similarity - cosine(7, id))).toBeLessThan(1e-5);
  });
});

test('the map shows the two directions of the largest variance', async () => {
  const { body, headers } = await client.get('/api/map');
  expect([headers['x-map-method'], body.length]).toEqual(['pca', COUNT * 8]);
  const points = Array.from({ length: COUNT }, (_, i) => [body.readFloatLE(i * 8), body.readFloatLE(i * 8 + 4)]);
  const mean = features[0]!.map((_, j) => features.reduce((sum, row) => sum + row[j]!, 0) / COUNT);
  const centred = features.map((row) => row.map((x, j) => x - mean[j]!));
  const found = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis]! ** 2, 0));
  const expected = largestTwo(centred);
  for (const axis of [0, 1]) expect(Math.abs(found[axis]! / expected[axis]! - 1)).toBeLessThan(1e-3);
  const crossed = points.reduce((sum, [x, y]) => sum + x! * y!, 0);
  expect(Math.abs(crossed) / found[1]!).toBeLessThan(1e-2); // uncorrelated
});

/** The two largest eigenvalues of X^T X by power iteration with deflation, in float64. */
function largestTwo(x: number[][]): [number, number] {
  let rows = x;
  const values = [0, 1].map(() => {
    let v = x[0]!.map((_, i) => Math.sin(i + 1));
    for (let step = 0; step < 3000; step++) {
      const projected = rows.map((row) => dot(row, v));
      const next = v.map((_, j) => rows.reduce((sum, row, i) => sum + row[j]! * projected[i]!, 0));
      const norm = Math.sqrt(dot(next, next));
      v = next.map((value) => value / norm);
    }
    const projected = rows.map((row) => dot(row, v));
    rows = rows.map((row, i) => row.map((value, j) => value - projected[i]! * v[j]!));
    return dot(projected, projected);
  });
  return values as [number, number];
}

test('predictions are those of a ridge head on the labels, with its probabilities', async () => {
  for (const name of ['unused', 'cat', 'dog']) await client.post('/api/classes', { add: { name } });
  const labelled = [1, 2, 3, 20, 21, 22];
  const items = labelled.map((image, i) => ({ image, class: 1 + (i % 2) }));
  const { revision } = (await client.get('/api/images')).json;
  await client.post('/api/labels', { items: items.slice(0, 1), by: 'Ada', from: 'grid' });
  await client.post('/api/labels', { items, by: 'Ada', from: 'grid' });
  await expect.poll(async () => (await client.get('/api/images')).json.predicted[0]).toBeGreaterThanOrEqual(0);
  const { predicted, certainty } = (await client.get('/api/images')).json;
  const h = torch.tensor(features);
  using head = ridgeHead(
    torch.tensor(labelled.map((image) => features[image]!)),
    torch.tensor([0, 1, 0, 1, 0, 1], { dtype: 'int64' }),
    { numClasses: 2, scale: scaleOf(h) },
  );
  const probabilities = head.probabilities(h).tolist() as number[];
  for (let image = 0; image < COUNT; image++) {
    const [cat, dog] = [probabilities[2 * image]!, probabilities[2 * image + 1]!];
    // Told in hundredths, and told again only when it has moved by three of them.
    expect(Math.abs(certainty[image] - Math.max(cat, dog))).toBeLessThan(0.036);
    if (Math.abs(cat - dog) > 1e-3) expect(predicted[image]).toBe(cat > dog ? 1 : 2);
  }
  expect((await client.get(`/api/images?since=${revision}`)).json.ids).toHaveLength(COUNT);
});

test('the next images are chosen by the library, of those that have no label', async () => {
  for (const method of ['max-herding', 'typiclust', 'k-medoids']) {
    const { json } = await client.get(`/api/next?count=8&method=${method}`);
    expect(json).toMatchObject({ method, why: expect.any(String) });
    expect(new Set(json.images).size).toBe(8);
    expect(json.images.filter((image: number) => [1, 2, 3, 20, 21, 22].includes(image))).toEqual([]);
  }
  const pool = [
    1,
    2,
    3,
    20,
    21,
    22,
    ...Array.from({ length: COUNT }, (_, i) => i).filter((i) => ![1, 2, 3, 20, 21, 22].includes(i)),
  ];
  const known = { labelled: [0, 1, 2, 3, 4, 5], budget: 8, seed: 0 };
  const places = await maxHerding(torch.tensor(pool.map((image) => features[image]!)), known);
  expect((await client.get('/api/next?count=8')).json.images).toEqual(places.map((place) => pool[place]!));
});

test('rows of clusters hold unlabelled images once, the nearest to their first, with the class that is seen in them', async () => {
  const { rows } = (await client.get('/api/clusters?rows=4&size=6')).json;
  expect(rows.map(({ images }: { images: number[] }) => images.length)).toEqual([6, 6, 6, 6]);
  const all = rows.flatMap(({ images }: { images: number[] }) => images);
  expect(new Set(all).size).toBe(24);
  expect(all.filter((image: number) => [1, 2, 3, 20, 21, 22].includes(image))).toEqual([]);
  for (const { images, proposed, certainty } of rows) {
    const similarities = images.map((image: number) => cosine(images[0], image));
    for (let i = 1; i < similarities.length; i++) expect(similarities[i]).toBeLessThan(similarities[i - 1] + 1e-5);
    expect([1, 2]).toContain(proposed);
    expect(certainty).toBeGreaterThanOrEqual(0.5);
  }
});

test('the exam is not led: no neighbours, no similar images, no prediction', async () => {
  await client.post('/api/exam', { size: 12 });
  const { images } = (await client.get('/api/exam/next?count=12')).json;
  for (const image of images) {
    const { json } = await client.get(`/api/image/${image}`);
    expect(json).toMatchObject({ predictions: [], neighbours: { train: [], val: [], test: [] } });
    expect(codeOf(await client.get(`/api/similar/${image}`))).toBe('EXAM_IMAGE');
  }
  const { predicted } = (await client.get('/api/images')).json;
  expect(images.every((image: number) => predicted[image] === -1)).toBe(true);
});

test('views are those that the library draws of the stored image', async () => {
  using set = await openImages(folder);
  const drawn = async (n: number) => {
    const { body, headers } = await client.get(`/view/3/${n}`);
    expect(headers['content-type']).toBe('image/webp');
    return await sharp(body).removeAlpha().raw().toBuffer();
  };
  const index = torch.tensor([3, 3, 3, 3], { dtype: 'int64' });
  const made = exampleViews(set.train.images.indexSelect(0, index), views.simclr());
  for (const n of [0, 1, 7]) {
    const expected = made.select(0, n).permute([1, 2, 0]).contiguous().toTypedArray() as Uint8Array;
    expect((await drawn(n)).equals(Buffer.from(expected))).toBe(true);
  }
  expect((await drawn(0)).equals(await drawn(1))).toBe(false);
  expect(codeOf(await client.get('/view/3/8'))).toBe('BAD_REQUEST');
  expect(codeOf(await client.get(`/view/${COUNT}/0`))).toBe('NOT_FOUND');
});

test('a child that is killed starts again with the next question', async () => {
  const before = (await client.get('/api/map')).body;
  const { looking } = running.studio.encoder;
  const { pid } = looking;
  process.kill(pid!, 'SIGKILL');
  await expect.poll(() => looking.pid).not.toBe(pid);
  expect((await client.get('/api/map')).body.equals(before)).toBe(true);
});

test('a UMAP is laid out by a process of its own, kept in the project, and there at once the next time', async () => {
  const points = ({ body }: { body: Buffer }) => new Float32Array(new Uint8Array(body).buffer);
  const map = await client.get('/api/map?method=umap');
  expect(map.status).toBe(200);
  expect(points(map)).toHaveLength(2 * COUNT);
  expect([...points(map)].every(Number.isFinite)).toBe(true);
  const kept = () => readdirSync(join(project, 'features')).filter((name) => name.endsWith('-umap.f32'));
  await expect.poll(kept, { timeout: 20_000 }).toHaveLength(1);
  const settled = points(await client.get('/api/map?method=umap'));
  await running.close();
  await open();
  expect(points(await client.get('/api/map?method=umap'))).toEqual(settled);
  expect(running.studio.works.all).toEqual([]);
});

test('what the library does not have says so', async () => {
  expect(codeOf(await client.get('/api/map?method=tsne'))).toBe('BAD_REQUEST');
  expect(codeOf(await client.get('/api/accuracy'))).toBe('NOT_FOUND'); // there is no exam
  expect(codeOf(await client.get('/api/next?method=magic'))).toBe('BAD_REQUEST');
});

test('weights that are none are said, and everything else works', async () => {
  const other = await openStudio({ source: folder, project: join(root, 'other'), weights: join(root, 'nothing') });
  await other.running.studio.opened;
  const { phase, failure } = (await other.client.get('/api/state')).json;
  expect([phase, failure]).toEqual(['ready', expect.stringContaining('nothing')]);
  expect(codeOf(await other.client.get('/api/similar/0'))).toBe('WORKER_FAILED');
  expect((await other.client.get('/thumb/0')).status).toBe(200);
  await other.running.close();
});
