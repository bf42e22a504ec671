/** @file Every job frees every tensor that it made: when it ends, when it is asked to stop, and when something throws in its midst. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compare,
  embed,
  finetune,
  finetuneSchema,
  inspect,
  inspectSchema,
  type JobIo,
  knn,
  knnSchema,
  parseConfig,
  pretrain,
  probe,
  select,
} from '../src/index.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const data = join(root, 'pictures');
const before = process.env.TWOVIEW_DATA;
const machine = { precision: 'float32', threads: 1 } as const;
const training = { ...machine, data, model: 'resnet10_narrow', batchSize: 8, epochs: 2 };
const simclr = { heldOut: 4, k: 3, knnEvery: 1 };
const source = join(root, 'source');

/** Each job in a folder of its own. */
const jobs: Record<string, (out: string, io: JobIo) => Promise<unknown>> = {
  pretrain: (out, io) => pretrain({ ...training, ...simclr, out, ...io }),
  'pretrain in parts': (out, io) => pretrain({ ...training, ...simclr, microBatch: 2, out, ...io }),
  'pretrain with activations computed again': (out, io) =>
    pretrain({ ...training, ...simclr, recompute: true, out, ...io }),
  'pretrain with labels': (out, io) => pretrain({ ...training, method: 'supervised', out, ...io }),
  finetune: (out, io) => finetune({ ...training, init: source, out, ...io }),
  knn: (_, io) => knn({ ...machine, data, weights: source, k: 3, ...io }),
  probe: (_, io) => probe({ ...machine, data, weights: source, ...io }),
  embed: (out, io) => embed({ ...machine, data, weights: source, out, ...io }),
  select: (out, io) => select({ ...machine, data, weights: source, budget: 3, out, ...io }),
  inspect: (out, io) => inspect(parseConfig(inspectSchema, { ...machine, run: source, k: 3, out }), io),
  compare: (out, io) => {
    const { epochs, batchSize, model, ...rest } = training;
    const grid = {
      models: [model],
      arms: ['supervised' as const, 'semi-supervised' as const],
      fractions: [0.5],
      seeds: 1,
    };
    const recipes = { pretrain: { epochs, batchSize, ...simclr }, finetune: { epochs, batchSize } };
    return compare({ ...rest, ...grid, ...recipes, out, ...io });
  },
};
const TRAININGS = [
  'pretrain',
  'pretrain in parts',
  'pretrain with activations computed again',
  'pretrain with labels',
  'finetune',
  'compare',
];

beforeAll(async () => {
  process.env.TWOVIEW_DATA = join(root, 'cache');
  await classFolders(join(data, 'train'), ['a', 'b', 'c'], 10);
  await classFolders(join(data, 'test'), ['a', 'b', 'c'], 2);
  await torch.load({ threads: 1 });
  await jobs.pretrain!(source, {});
}, 120_000);
afterAll(() => {
  if (before === undefined) delete process.env.TWOVIEW_DATA;
  else process.env.TWOVIEW_DATA = before;
  rmSync(root, { recursive: true });
});

/** What the job threw, or null. */
async function outcome(job: string, out: string, io: JobIo): Promise<unknown> {
  try {
    await jobs[job]!(join(root, out), io);
    return null;
  } catch (error) {
    return error;
  }
}

describe.each(Object.keys(jobs))('%s', { timeout: 120_000 }, (job) => {
  const isTraining = TRAININGS.includes(job);
  const name = job.replaceAll(' ', '-');

  test('frees its tensors when it is done', async () => {
    const live = torch.liveTensors();
    expect(await outcome(job, `${name}-done`, {})).toBeNull();
    expect(torch.liveTensors()).toBe(live);
  });

  test('stops when it is asked to, at a checkpoint where it has one, and frees its tensors', async () => {
    const live = torch.liveTensors();
    const controller = new AbortController();
    const onEvent: JobIo['onEvent'] = ({ type }) => {
      if (type === (isTraining ? 'step' : 'progress')) controller.abort();
    };
    const error = await outcome(job, `${name}-stopped`, { onEvent, signal: controller.signal });
    expect(error).toMatchObject({ code: isTraining ? 'STOPPED' : 'INTERRUPTED' });
    expect(torch.liveTensors()).toBe(live);
    if (isTraining && job !== 'compare') {
      expect(existsSync(join(root, `${name}-stopped`, 'checkpoints', 'last.safetensors'))).toBe(true);
    }
  });

  // compare goes on with its other jobs when one of them throws, so it is stopped by its own callback
  test('frees its tensors when something throws in its midst', async () => {
    const live = torch.liveTensors();
    const boom = new Error('boom');
    let count = 0;
    const onEvent: JobIo['onEvent'] = ({ type }) => {
      if (type === (isTraining ? 'step' : 'progress') && ++count === (isTraining ? 2 : 1)) throw boom;
    };
    const throwing = job === 'compare' ? { onPlan: () => raise(boom) } : { onEvent };
    expect(await outcome(job, `${name}-thrown`, throwing)).toBe(boom);
    expect(torch.liveTensors()).toBe(live);
  });
});

function raise(error: Error): never {
  throw error;
}

test('a job that is refused frees its tensors, too', async () => {
  const live = torch.liveTensors();
  const refused = (config: object) => finetune(parseConfig(finetuneSchema, { ...training, ...config }));
  await expect(refused({ out: join(root, 'r1'), fraction: 0.01 })).rejects.toMatchObject({
    code: 'FRACTION_TOO_SMALL',
  });
  await expect(refused({ out: join(root, 'r2'), model: 'resnet18', init: source })).rejects.toMatchObject({
    code: 'WEIGHTS_MISMATCH',
  });
  const wrongWeights = { ...machine, data, weights: source, model: 'resnet18', k: 3 };
  await expect(knn(parseConfig(knnSchema, wrongWeights))).rejects.toMatchObject({ code: 'WEIGHTS_MISMATCH' });
  expect([torch.liveTensors(), existsSync(join(root, 'r1')), existsSync(join(root, 'r2'))]).toEqual([
    live,
    false,
    false,
  ]);
});

test('asked to stop while images are read, a job leaves neither run nor store', async () => {
  const controller = new AbortController();
  controller.abort();
  const other = join(root, 'other');
  await classFolders(join(other, 'train'), ['a', 'b'], 4);
  const options = { ...training, data: other, out: join(root, 'early'), signal: controller.signal };
  await expect(finetune(options)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(existsSync(join(root, 'early'))).toBe(false);
});
