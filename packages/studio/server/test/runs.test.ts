/** @file Runs in child processes: started, followed, paused, stopped, continued, killed. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunCourse, RunInfo, RunMetrics, StudioEvent } from '../src/api.js';
import type { RunningStudio } from '../src/start.js';
import { type Client, codeOf, openStudio } from './client.js';
import { flatFolder, temporaryFolder } from './photographs.js';

/** Runs give way to every other process of the machine. */
const PATIENCE = 240_000;
vi.setConfig({ testTimeout: 600_000 });
const SETTINGS = { model: 'resnet10_narrow', batchSize: 8, heldOut: 0, warmupEpochs: 0 };
const root = temporaryFolder();
const folder = join(root, 'photographs');
let running: RunningStudio;
let client: Client;

const open = async () => {
  ({ running, client } = await openStudio({ source: folder, project: join(root, 'project') }));
  await running.studio.opened;
};
beforeAll(async () => {
  await flatFolder(folder, 32, 32);
  await open();
});
afterAll(async () => {
  await running?.close();
  rmSync(root, { recursive: true });
});

const runOf = async (id: string): Promise<RunInfo> =>
  (await client.get('/api/runs')).json.runs.find((run: RunInfo) => run.id === id);
const until = (id: string, status: string) =>
  expect.poll(async () => (await runOf(id)).status, { timeout: PATIENCE }).toBe(status);
const start = async (settings: object): Promise<string> => {
  const { status, text, json } = await client.post('/api/runs', {
    command: 'pretrain',
    settings: { ...SETTINGS, ...settings },
  });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return json.run.id;
};
const act = (id: string, what: string) => client.post(`/api/runs/${id}/${what}`, {});

/** Clock ticks that a process has computed, by /proc/PID/stat: fields 14 and 15. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test('a pre-training tells its steps and epochs, and what it measured can be read', async () => {
  const told: StudioEvent[] = [];
  const end = running.studio.bus.listen(({ event }) => told.push(event));
  const id = await start({ epochs: 2, knnEvery: 1 });
  await until(id, 'finished');
  const metrics: RunMetrics = (await client.get(`/api/runs/${id}/metrics`)).json;
  expect(metrics.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(metrics.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(metrics.epochs[1]!.values.epochLoss).toBeGreaterThan(0);
  expect(metrics.chance).toBeCloseTo(Math.log(15), 6); // log(2 x 8 - 1)
  expect(await runOf(id)).toMatchObject({
    command: 'pretrain',
    at: { epoch: 2, epochs: 2, step: 4, steps: 4 },
    settings: SETTINGS,
  });
  expect(told.filter((event) => event.type === 'epoch' && event.run === id)).toHaveLength(2);
  expect(told.filter((event) => event.type === 'map' && event.run === id)).toHaveLength(3);
  const { maps }: RunCourse = (await client.get(`/api/runs/${id}/course`)).json;
  expect(maps.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  for (const { images, positions } of maps) {
    expect(images.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, image) => image));
    expect(Math.sqrt(positions.reduce((sum, x) => sum + x * x, 0) / 32)).toBeCloseTo(1000, -1);
  }
  end();
  expect(codeOf(await act(id, 'pause'))).toBe('RUN_STATE');
});

test('the first encoder that is pre-trained here represents the images; another one when it is asked for, and at the next start', async () => {
  const encoder = async () => (await client.get('/api/state')).json.encoder;
  const [first] = (await client.get('/api/runs')).json.runs.map(({ id }: RunInfo) => id);
  await expect.poll(async () => (await encoder())?.featureSize, { timeout: PATIENCE }).toBeGreaterThan(0);
  expect((await encoder()).run).toBe(first);
  expect((await client.get('/api/similar/0?count=3')).json.neighbours).toHaveLength(3);

  const second = await start({ epochs: 1, seed: 1 });
  expect(codeOf(await act(second, 'use'))).toBe('RUN_STATE'); // it has not ended
  await until(second, 'finished');
  expect((await encoder()).run).toBe(first);
  expect((await act(second, 'use')).status).toBe(200);
  expect(codeOf(await act(first, 'use'))).toBe('NOT_READY'); // one after the other
  await expect.poll(async () => (await encoder()).featureSize, { timeout: PATIENCE }).toBeGreaterThan(0);
  expect((await encoder()).run).toBe(second);
  expect((await client.get('/api/similar/0?count=3')).json.neighbours).toHaveLength(3);

  await running.close();
  await open();
  expect(await encoder()).toMatchObject({ run: second, done: 32, total: 32 });
});

test('a paused run computes nothing, and goes on; a stopped one goes on from its checkpoint to the same end', async () => {
  const id = await start({ epochs: 20, checkpointMinutes: 60 });
  await until(id, 'running');
  expect((await act(id, 'pause')).json.run.status).toBe('paused');
  const pid = JSON.parse(readFileSync(join(root, 'project', 'runs', `${id}.studio.json`), 'utf8')).pid;
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = ticks(pid);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ticks(pid)).toBe(before);
  expect(codeOf(await act(id, 'pause'))).toBe('RUN_STATE');
  expect((await act(id, 'continue')).json.run.status).toBe('running');
  await act(id, 'stop');
  await until(id, 'stopped');
  const stopped = (await client.get(`/api/runs/${id}/metrics`)).json.steps.length;
  expect(stopped).toBeLessThan(80);
  await act(id, 'continue');
  await until(id, 'finished');
  expect((await client.get(`/api/runs/${id}/metrics`)).json.steps).toHaveLength(80);
});

test('a run whose process is killed has failed, says so, and can go on', async () => {
  const id = await start({ epochs: 30, checkpointMinutes: 0 });
  await expect.poll(async () => (await runOf(id)).at?.step ?? 0, { timeout: PATIENCE }).toBeGreaterThan(2);
  process.kill(JSON.parse(readFileSync(join(root, 'project', 'runs', `${id}.studio.json`), 'utf8')).pid, 'SIGKILL');
  await until(id, 'failed');
  expect((await runOf(id)).message).toContain('SIGKILL');
  await act(id, 'continue');
  await until(id, 'finished');
});

test('a studio that ends stops its runs at a checkpoint, paused ones as well, and they can go on in the next one', async () => {
  const id = await start({ epochs: 60, checkpointMinutes: 60 });
  await until(id, 'running');
  await act(id, 'pause');
  await running.close();
  await open();
  expect((await runOf(id)).status).toBe('stopped');
  await act(id, 'continue');
  await until(id, 'running');
  await act(id, 'stop');
  await until(id, 'stopped');
});

test.each([
  ['a setting that is none', { epoch: 3 }, 'did you mean epochs'],
  ['a value out of its bounds', { epochs: 0 }, 'epochs'],
  ['a place to write', { out: '/tmp/x' }, 'sets out itself'],
  ['other images', { data: '/etc' }, 'sets data itself'],
])('%s is refused with a sentence', async (_, settings, words) => {
  const answer = await client.post('/api/runs', { command: 'pretrain', settings });
  expect([answer.status, answer.json.error.what]).toEqual([400, expect.stringContaining(words)]);
});

test('weights from anywhere but this project are refused, and training with labels needs labels', async () => {
  for (const init of ['/etc/passwd', '../other', 'hub:somebody/something']) {
    const answer = await client.post('/api/runs', { command: 'finetune', settings: { init } });
    expect([answer.status, answer.json.error.what]).toEqual([400, expect.stringContaining('run of this project')]);
  }
  expect((await client.post('/api/runs', { command: 'finetune', settings: {} })).json.error.what).toContain(
    'no training image has a label',
  );
  expect((await client.post('/api/runs', { command: 'rm', settings: {} })).status).toBe(400);
});

test('the form of each command comes from the one schema, without what the studio sets', async () => {
  for (const command of ['pretrain', 'finetune', 'compare']) {
    const { properties } = (await client.get(`/api/schema/${command}`)).json;
    expect(properties.batchSize ?? properties.epochs ?? properties.seeds).toMatchObject({
      description: expect.any(String),
    });
    for (const own of ['data', 'out', 'resume']) expect(properties[own]).toBeUndefined();
  }
  expect((await client.get('/api/schema/toString')).status).toBe(404);
});
