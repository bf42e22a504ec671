/** @file Training with the labels of the studio on a set that is not made of files: its rows, with their labels and their parts. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import type { ImageSet } from 'twoview';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunCommand, RunInfo } from '../src/api.js';
import { labelledRows } from '../src/children/labelled-rows.js';
import { writeRunRows } from '../src/runs/run-table.js';
import type { RunningStudio } from '../src/start.js';
import { type Client, openStudio } from './client.js';
import { temporaryFolder } from './photographs.js';

/** Runs give way to every other process of the machine. */
const PATIENCE = 240_000;
vi.setConfig({ testTimeout: 600_000 });
const COUNT = 48;
const SIDE = 16;
const root = temporaryFolder();
const source = join(root, 'images.safetensors');
let running: RunningStudio;
let client: Client;
let answered: number[];
let unanswered: number[];

/** Image i is of colour 5 i; the second half is of the second class. */
const classOf = (image: number) => (image < COUNT / 2 ? 0 : 1);

beforeAll(async () => {
  await torch.load({ threads: 1 });
  torch.scope(() => {
    const colours = torch.arange(COUNT, { dtype: 'int64' }).mul(5).to('uint8').reshape([COUNT, 1, 1, 1]);
    const images = colours.expand([COUNT, 3, SIDE, SIDE]).contiguous();
    torch.safetensors.save(source, { images });
  });
  ({ running, client } = await openStudio({ source, project: join(root, 'project') }));
  await running.studio.opened;
  for (const name of ['dark', 'light']) await client.post('/api/classes', { add: { name } });
  await client.post('/api/exam', { size: 12 });
  const drawn: number[] = (await client.get('/api/exam/next?count=12')).json.images;
  [answered, unanswered] = [drawn.slice(0, 8), drawn.slice(8)];
  const given = (images: number[]) => images.map((image) => ({ image, class: classOf(image) }));
  await client.post('/api/exam/answers', { items: given(answered), by: 'Ada' });
  const others = Array.from({ length: COUNT }, (_, image) => image).filter((image) => !drawn.includes(image));
  await client.post('/api/labels', { items: given(others.slice(2)), by: 'Ada', from: 'grid' });
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

/** Which images a part has, by their colours, with their labels. */
const held = (set: ImageSet, part: 'train' | 'test') =>
  torch.scope(() => {
    const colours: number[] = set[part]!.images.select(1, 0).select(1, 0).select(1, 0).to('float32').tolist();
    const labels: number[] = set[part]!.labels.tolist();
    return colours.map((colour, i) => [colour / 5, labels[i]]).sort(([a], [b]) => a! - b!);
  });

test.each(['compare', 'finetune'] as RunCommand[])(
  '%s gets rows with their labels, and answered exam images as its test part',
  async (command) => {
    const { project, source: opened } = running.studio;
    const file = writeRunRows(project, command, opened.places, join(root, `${command}.json`));
    using set = await labelledRows(opened.options, file);
    expect(set.classes).toEqual(['dark', 'light']);
    expect(held(set, 'test')).toEqual(answered.toSorted((a, b) => a - b).map((image) => [image, classOf(image)]));
    const table = project.table.label;
    const trained = Array.from({ length: COUNT }, (_, image) => image).filter(
      (image) =>
        !answered.includes(image) && !unanswered.includes(image) && (command === 'compare' || table[image]! >= 0),
    );
    expect(held(set, 'train')).toEqual(trained.map((image) => [image, table[image]]));
    expect(trained.filter((image) => table[image]! < 0)).toHaveLength(command === 'compare' ? 2 : 0);
  },
);

const runOf = async (id: string): Promise<RunInfo> =>
  (await client.get('/api/runs')).json.runs.find((run: RunInfo) => run.id === id);
const until = (id: string, wanted: string) =>
  expect.poll(async () => (await runOf(id)).status, { timeout: PATIENCE }).toBe(wanted);
const start = async (command: RunCommand, settings: object): Promise<string> => {
  const { status, json, text } = await client.post('/api/runs', { command, settings });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return json.run.id;
};
const summaryOf = (id: string) => JSON.parse(readFileSync(join(root, 'project', 'runs', id, 'summary.json'), 'utf8'));

test('a fine-tuning on such a set is tested on the exam, can be stopped, and goes on', async () => {
  const id = await start('finetune', { model: 'resnet10_narrow', batchSize: 8, epochs: 20, checkpointMinutes: 60 });
  await until(id, 'running');
  await client.post(`/api/runs/${id}/stop`, {});
  await until(id, 'stopped');
  await client.post(`/api/runs/${id}/continue`, {});
  await until(id, 'finished');
  const { metrics } = summaryOf(id).result;
  expect(metrics.count).toBe(answered.length);
  expect(metrics.accuracy).toBeGreaterThan(0.8);
});

test('an experiment on such a set has a report', async () => {
  const id = await start('compare', {
    ...{ models: ['resnet10_narrow'], arms: ['supervised'], fractions: [1], seeds: 1 },
    finetune: { epochs: 1, batchSize: 8 },
  });
  await until(id, 'finished');
  expect((await runOf(id)).report).toBe(true);
});
