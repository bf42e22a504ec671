/** @file Finished runs are found again, wherever their folder went; and an experiment takes over what another one has done. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import * as torch from '@twoview/torch';
import { cacheRoot } from '@twoview/torch/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { compareSchema } from '../src/config/compare.js';
import { parseConfig } from '../src/config/parse.js';
import { compare } from '../src/experiment/compare.js';
import type { CompareIo } from '../src/experiment/open-experiment.js';
import { compare as compareInLibrary } from '../src/index.js';
import { codeVersion } from '../src/runs/code-version.js';
import { findRuns, rememberedRuns } from '../src/runs/find-runs.js';
import { runHash, startHash } from '../src/runs/identity.js';
import { readJson } from '../src/runs/read-json.js';
import { copyRun, findRun, registeredRuns, registerRun } from '../src/runs/registry.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
let count = 0;
beforeEach(() => {
  vi.stubEnv('TWOVIEW_REGISTRY', join(root, `registry${count++}.jsonl`));
});
afterAll(() => vi.unstubAllEnvs());

function finished(name: string, hash: string): string {
  const path = join(root, name);
  mkdirSync(join(path, 'checkpoints'), { recursive: true });
  writeFileSync(join(path, 'config.yaml'), 'kind: pretrain\nmodel: net\n');
  writeFileSync(join(path, 'metrics.jsonl'), '{}\n');
  writeFileSync(join(path, '.lock'), 'x');
  writeFileSync(join(path, 'checkpoints', 'last.safetensors'), 'weights');
  writeFileSync(join(path, 'summary.json'), JSON.stringify({ hash, result: { knn: 0.5 } }));
  return path;
}

describe('hash of a run', () => {
  const config = { data: 'photos', out: 'a', resume: false, checkpointMinutes: 3, lr: 0.1, epochs: 5, device: 'cpu' };
  const resolved = { ...config, threads: 2, precision: 'float32' };
  const inputs = { data: 'abc', start: 'scratch' };
  const means = { code: '1+a', libtorch: '2.11', memoryFormat: 'channels_last', device: 'a processor' };
  const hash = (more: object, from = inputs, by = means) => runHash('finetune', { ...resolved, ...more }, from, by);

  test('does not depend on where things are, on the order of settings, or on how a run goes on', () => {
    const moved = {
      epochs: 5,
      data: 'elsewhere/photos',
      out: 'b',
      resume: true,
      checkpointMinutes: 0,
      encoding: 'utf-8',
    };
    expect(hash(moved)).toBe(hash({}));
    const reversed = Object.fromEntries(Object.entries(resolved).reverse()) as typeof resolved;
    expect(runHash('finetune', reversed, { start: 'scratch', data: 'abc' }, means)).toBe(
      runHash('finetune', resolved, { start: 'scratch', data: 'abc' }, means),
    );
  });
  test.each([
    ['a setting', hash({ lr: 0.2 })],
    ['threads', hash({ threads: 1 })],
    ['precision', hash({ precision: 'bfloat16' })],
    ['the images', hash({}, { data: 'abd', start: 'scratch' })],
    ['the start', hash({}, { data: 'abc', start: 'other' })],
    ['the code', hash({}, inputs, { ...means, code: '1+b' })],
    ['libtorch', hash({}, inputs, { ...means, libtorch: '2.12' })],
    ['the device', hash({}, inputs, { ...means, device: 'another processor' })],
    ['the memory format', hash({}, inputs, { ...means, memoryFormat: 'contiguous' })],
    ['the kind', runHash('pretrain', resolved, inputs, means)],
  ])('depends on %s', (_, other) => expect(other).not.toBe(hash({})));

  test('the code is a version and the files that run', async () => {
    expect(codeVersion()).toMatch(/^\d+\.\d+\.\d+\+[0-9a-f]{10}$/);
  });

  test('a start is its bytes, or its name', async () => {
    const run = finished('start', 'h');
    const before = await startHash(run);
    expect(await startHash(join(run, 'checkpoints', 'last.safetensors'))).toBe(before);
    writeFileSync(join(run, 'checkpoints', 'last.safetensors'), 'others');
    expect(await startHash(run)).not.toBe(before);
    expect(await startHash('imagenet')).toBe('imagenet');
  });
});

describe('registry', () => {
  test('a run is found by its hash, the newest first, and only where it still is', () => {
    expect(findRun('h1')).toBe(null);
    const [old, young] = [finished('old', 'h1'), finished('young', 'h1')];
    registerRun('h1', old);
    registerRun('h1', young);
    registerRun('h2', finished('other', 'h2'));
    expect(findRun('h1')).toBe(resolve(young));
    rmSync(young, { recursive: true });
    expect(findRun('h1')).toBe(resolve(old));
    writeFileSync(join(old, 'summary.json'), JSON.stringify({ hash: 'h3' })); // another run took its place
    expect(findRun('h1')).toBe(null);
  });

  test('a folder that was moved is found where runs ls saw it', () => {
    const from = finished('moving', 'h5');
    registerRun('h5', from);
    const to = join(root, 'moved', 'here');
    mkdirSync(join(root, 'moved'));
    renameSync(from, to);
    expect(findRun('h5')).toBe(null);
    expect(rememberedRuns()).toEqual([]);
    expect(findRuns(join(root, 'moved')).map(({ path }) => path)).toEqual([to]);
    expect(findRun('h5')).toBe(resolve(to));
    expect(rememberedRuns()).toMatchObject([{ path: resolve(to), kind: 'pretrain', done: true, knn: 0.5 }]);
    findRuns(join(root, 'moved'));
    expect(registeredRuns().length).toBe(2); // seen once
  });

  test('lines that are damaged are passed over', () => {
    const run = finished('whole', 'h6');
    registerRun('h6', run);
    appendFileSync(process.env.TWOVIEW_REGISTRY!, '\n[]\n{"hash": 3}\n{"hash": "h6", "pa');
    expect(findRun('h6')).toBe(resolve(run));
  });

  test('a copy is whole and without locks, and its checkpoint takes no more room', () => {
    const [from, to] = [finished('source', 'h7'), join(root, 'copies', 'a', 'b')];
    copyRun(from, to);
    expect(existsSync(join(to, '.lock'))).toBe(false);
    for (const name of ['config.yaml', 'metrics.jsonl', 'summary.json', 'checkpoints/last.safetensors']) {
      expect(readFileSync(join(to, name), 'utf8')).toBe(readFileSync(join(from, name), 'utf8'));
    }
    const inode = (path: string, name: string) => statSync(join(path, name)).ino;
    expect(inode(to, 'checkpoints/last.safetensors')).toBe(inode(from, 'checkpoints/last.safetensors'));
    expect(inode(to, 'metrics.jsonl')).not.toBe(inode(from, 'metrics.jsonl'));
  });
});

describe('experiments', () => {
  const data = join(root, 'pictures');
  beforeAll(async () => {
    await torch.load();
    await classFolders(join(data, 'train'), ['a', 'b'], 6);
    await classFolders(join(data, 'test'), ['a', 'b'], 2);
  });
  const settings = (out: string, more: object = {}) =>
    parseConfig(compareSchema, {
      ...{ data, models: ['resnet10_narrow'], arms: ['supervised', 'semi-supervised'], fractions: [1], seeds: 1 },
      ...{ precision: 'float32', threads: 1, pretrain: { epochs: 1, batchSize: 4, heldOut: 0 } },
      ...{ finetune: { epochs: 1, batchSize: 4 }, out: join(root, out) },
      ...more,
    });
  const jobsRun = async (out: string, more: object = {}, io: Partial<CompareIo> = {}) => {
    const ran: string[] = [];
    const summary = await compare(settings(out, more), { ...io, onJob: ({ id }) => ran.push(id) });
    return { ran, summary };
  };
  const PRETRAIN = 'pretrain/resnet10_narrow/seed0';
  const INSPECT = 'inspect/resnet10_narrow/seed0';
  const cell = (arm: string) => `cells/resnet10_narrow/${arm}/100pct/seed0`;

  test('one takes over what another has done where it is asked to, says from where, and trains the rest', async () => {
    const first = await jobsRun('first');
    expect(first.ran).toEqual([PRETRAIN, INSPECT, cell('supervised'), cell('semi-supervised')]);
    const said: string[] = [];
    const same = await jobsRun(
      'same',
      {},
      { reuse: true, onEvent: (event) => 'text' in event && said.push(event.text) },
    );
    expect(same.ran).toEqual([]);
    expect(said.join('\n')).toContain(`${PRETRAIN} was done before, in ${resolve(root, 'first', PRETRAIN)}`);
    expect(same.summary.cells.map(({ metrics }) => metrics)).toEqual(first.summary.cells.map(({ metrics }) => metrics));
    const other = await jobsRun('changed', { finetune: { epochs: 2, batchSize: 4 } }, { reuse: true });
    expect(other.ran).toEqual([cell('supervised'), cell('semi-supervised')]);
    expect((await jobsRun('not-asked-for')).ran.length).toBe(4);
  });

  test('results without weights are kept; what others still start from is trained again', async () => {
    await jobsRun('recorded');
    for (const job of [PRETRAIN, cell('supervised')]) {
      rmSync(join(root, 'recorded', job, 'checkpoints'), { recursive: true });
    }
    vi.stubEnv('TWOVIEW_REGISTRY', join(root, 'of-another-machine.jsonl'));
    expect((await jobsRun('recorded', { resume: true })).ran).toEqual([]);
    rmSync(join(root, 'recorded', cell('semi-supervised')), { recursive: true });
    const { ran, summary } = await jobsRun('recorded', { resume: true });
    expect(ran).toEqual([PRETRAIN, cell('semi-supervised')]);
    expect(summary.cells.length).toBe(2);
  });

  test("a network of one's own whose precision was measured is found under the same name", async () => {
    const measured = () => Object.keys(readJson(join(cacheRoot(), 'measured.json')) as object);
    const encoder = () =>
      new torch.nn.Sequential([new torch.nn.Conv2d(3, 4, 8, { stride: 8 }), new torch.nn.Flatten()]);
    const { models, precision, ...others } = settings('own');
    const own = { ...others, encoder };
    await compareInLibrary(own);
    const after = measured();
    expect(after.some((key) => key.includes('own:'))).toBe(true);
    const ran: string[] = [];
    await compareInLibrary({ ...own, out: join(root, 'own-again'), reuse: true, onJob: ({ id }) => ran.push(id) });
    expect(ran).toEqual([]);
    expect(measured()).toEqual(after);
  });
});
