/** @file The accuracy on the exam is the library's, counted again here from the representations, the labels and the answers. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { accuracyInterval, leftOutProbabilities, pretrain, ridgeHead, scaleOf, suspectLabels, wilson } from 'twoview';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Accuracy } from '../src/api.js';
import type { RunningStudio } from '../src/start.js';
import { type Client, codeOf, openStudio } from './client.js';
import { flatFolder, temporaryFolder } from './photographs.js';

const [COUNT, EXAM] = [60, 20];
const root = temporaryFolder();
const project = join(root, 'project');
let running: RunningStudio;
let client: Client;
let exam: number[];
let labelled: { image: number; class: number }[];
/** Which class an image is said to be of: nothing that a network would know. */
const classOf = (image: number, ids: number[]) => ids[image % 7 < 3 ? 0 : 1]!;

beforeAll(async () => {
  const [folder, weights] = [join(root, 'photographs'), join(root, 'run')];
  await flatFolder(folder, COUNT, 16);
  await pretrain({ data: folder, model: 'resnet10_narrow', epochs: 1, batchSize: 8, heldOut: 0, out: weights });
  ({ running, client } = await openStudio({ source: folder, project, weights }));
  await running.studio.opened;
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

const accuracy = async (): Promise<Accuracy> => (await client.get('/api/accuracy')).json;

test('without answers, and with labels of one class, it says what is missing', async () => {
  for (const name of ['cat', 'dog', 'none of both']) await client.post('/api/classes', { add: { name } });
  const ids: number[] = (await client.get('/api/state')).json.classes.map(({ id }: { id: number }) => id);
  expect(codeOf(await client.get('/api/accuracy'))).toBe('NOT_FOUND');
  await client.post('/api/exam', { size: EXAM, by: 'Ada' });
  exam = (await client.get(`/api/exam/next?count=${EXAM}`)).json.images;
  const answers = exam.map((image) => ({ image, class: classOf(image, ids) }));
  await client.post('/api/exam/answers', { items: answers.slice(0, EXAM - 1), by: 'Ada' });
  expect(JSON.stringify((await client.get('/api/accuracy')).json)).toMatch(/labels of two classes/);

  const others = Array.from({ length: COUNT }, (_, image) => image).filter((image) => !exam.includes(image));
  labelled = others
    .slice(0, 24)
    .reverse()
    .map((image) => ({ image, class: classOf(image, ids) }));
  for (const item of labelled) await client.post('/api/labels', { items: [item], by: 'Ada', from: 'grid' });
});

test('number, interval, classes and confusion are those of a ridge head on these labels', async () => {
  const ids: number[] = (await client.get('/api/state')).json.classes.map(({ id }: { id: number }) => id);
  const found = await accuracy();
  const [file] = readdirSync(join(project, 'features'));
  const { features } = torch.safetensors.load(join(project, 'features', file!)).tensors as { features: torch.Tensor };
  const at = (images: number[]) => features.indexSelect(0, torch.tensor(images, { dtype: 'int64' }));
  using head = ridgeHead(
    at(labelled.map(({ image }) => image)),
    torch.tensor(
      labelled.map((item) => ids.indexOf(item.class)),
      { dtype: 'int64' },
    ),
    { numClasses: 3, scale: scaleOf(features) },
  );
  const [most, which] = head.probabilities(features).max(1);
  const [certainty, predicted] = [most.tolist() as number[], which.tolist() as number[]];
  const answered = exam.slice(0, EXAM - 1);
  const right = answered.map((image): 0 | 1 => (ids[predicted[image]!] === classOf(image, ids) ? 1 : 0));
  const seen = new Set([...answered, ...labelled.map(({ image }) => image)]);
  const expected = accuracyInterval({
    examRight: right,
    examCertainty: answered.map((image) => certainty[image]!),
    certainty: certainty.filter((_, image) => !seen.has(image)),
  });
  expect(found).toMatchObject({ n: EXAM - 1, labels: 24, method: 'wilson', accuracy: expected.accuracy });
  const counted = wilson(
    right.reduce((sum: number, one) => sum + one, 0),
    EXAM - 1,
  );
  expect(found.interval).toEqual([counted.low, counted.high]);

  const { counts, examples } = found.confusion;
  for (const [t, row] of counts.entries()) {
    for (const [p, count] of row.entries()) {
      const here = answered.filter((image) => classOf(image, ids) === ids[t] && predicted[image] === p);
      expect(count).toBe(here.length);
      expect([...examples[t]![p]!].sort()).toEqual([...here].sort());
    }
  }
  expect(found.perClass.map((one) => one.class)).toEqual(ids);
  expect(found.perClass[2]).toMatchObject({ n: 0, recall: null });
  expect(found.calibration.reduce((sum, bin) => sum + bin.n, 0)).toBe(EXAM - 1);
  expect(found.curve.at(-1)).toMatchObject({ labels: 24, accuracy: found.accuracy });
  expect(found.forecast).toBeNull(); // the exam is too small for one
  expect(found.warnings.map(({ code }) => code)).toEqual(['EXAM_CLASS_MISSING', 'EXAM_SMALL']);
});

test('suspects are the labels that the others contradict', async () => {
  const { labels, missing } = (await client.get('/api/suspects')).json;
  const ids: number[] = (await client.get('/api/state')).json.classes.map(({ id }: { id: number }) => id);
  const [file] = readdirSync(join(project, 'features'));
  const { features } = torch.safetensors.load(join(project, 'features', file!)).tensors as { features: torch.Tensor };
  const images = labelled.map(({ image }) => image);
  const places = labelled.map((item) => ids.indexOf(item.class));
  const probabilities = leftOutProbabilities(
    features.indexSelect(0, torch.tensor(images, { dtype: 'int64' })),
    torch.tensor(places, { dtype: 'int64' }),
    { numClasses: 2, scale: scaleOf(features) },
  );
  const expected = suspectLabels(probabilities, places).suspects;
  expect(expected.length).toBeGreaterThan(0); // classes that a network cannot know
  expect(labels.map((one: { image: number }) => one.image)).toEqual(expected.map(({ index }) => images[index]));
  expect(labels[0]).toMatchObject({ given: ids[expected[0]!.given], suggested: ids[expected[0]!.suggested] });
  expect(missing.map(({ list }: { list: string }) => list)).toEqual([]);
});

test('the accuracy without suspects is that of a classifier that never saw them', async () => {
  const { labels, accuracy: both } = (await client.get('/api/suspects')).json;
  const left = new Set(labels.map(({ image }: { image: number }) => image));
  expect(both.with).toMatchObject({ labels: labelled.length, n: EXAM - 1, accuracy: (await accuracy()).accuracy });
  expect(both.without).toMatchObject({ labels: labelled.length - left.size, n: EXAM - 1 });
  const [low, high] = both.without.interval;
  expect(low).toBeLessThanOrEqual(both.without.accuracy);
  expect(high).toBeGreaterThanOrEqual(both.without.accuracy);
  // By hand: the ridge head of the labels that are left, asked about the exam.
  const ids: number[] = (await client.get('/api/state')).json.classes.map(({ id }: { id: number }) => id);
  const [file] = readdirSync(join(project, 'features'));
  const { features } = torch.safetensors.load(join(project, 'features', file!)).tensors as { features: torch.Tensor };
  const index = (list: number[]) => torch.tensor(list, { dtype: 'int64' });
  const kept = labelled.filter(({ image }) => !left.has(image));
  using head = ridgeHead(
    features.indexSelect(0, index(kept.map(({ image }) => image))),
    index(kept.map((item) => ids.indexOf(item.class))),
    { numClasses: 2, scale: scaleOf(features) },
  );
  const answered = exam.slice(0, EXAM - 1);
  const named = head
    .probabilities(features.indexSelect(0, index(answered)))
    .argmax({ dim: 1 })
    .tolist() as number[];
  const right = answered.filter((image, i) => ids[named[i]!] === classOf(image, ids)).length;
  expect(both.without.accuracy).toBeCloseTo(right / answered.length, 12);
});

test('an answer and a label move it', async () => {
  const ids: number[] = (await client.get('/api/state')).json.classes.map(({ id }: { id: number }) => id);
  const last = exam.at(-1)!;
  await client.post('/api/exam/answers', { items: [{ image: last, class: classOf(last, ids) }], by: 'Ada' });
  expect((await accuracy()).n).toBe(EXAM);
  const next = labelled.map(({ image }) => image);
  const free = Array.from({ length: COUNT }, (_, i) => i).find((i) => !exam.includes(i) && !next.includes(i))!;
  await client.post('/api/labels', { items: [{ image: free, class: ids[0] }], by: 'Ada', from: 'grid' });
  expect((await accuracy()).labels).toBe(25);
  await client.post('/api/undo', { by: 'Ada' });
  expect((await accuracy()).labels).toBe(24);
});
