/**
 * @file A training step asks its device for work and never waits for it. A CPU cannot show that by waiting, so every call that would
 * make a GPU wait is counted: reading a number, copying to or from JavaScript, looking at which elements are true. What a GPU is asked is
 * asked here too: augmentation is told that it may not read its own numbers, and losses are read late.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hostReads } from '../src/augment/host-reads.js';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { finetune } from '../src/finetune/finetune.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';

/** The addon itself, which the package does not offer. */
const door: string = '../../torch/src/native.js';
const { native } = (await import(door)) as { native(): object };
const root = mkdtempSync(join(tmpdir(), 'twoview-steady-'));
beforeAll(() => torch.load({ threads: 1 }));
afterAll(() => rmSync(root, { recursive: true }));

/** Calls of the addon that wait for a GPU, and operators that do. */
const WAITING = ['item', 'toBytes', 'fromBytes'] as const;
const WAITING_OPERATORS =
  /^aten::(item|_local_scalar_dense|nonzero|is_nonzero|equal|masked_select|unique.*|_unique.*|index_put.*)(\.|$)/;
/** Operators without a device argument that would make their tensor on the CPU. */
const FACTORIES = /^aten::(arange|empty|eye|full|linspace|ones|rand|randint|randn|randperm|scalar_tensor|zeros)(\.|$)/;

/** @returns what each step did that it must not do, by the number of the step */
async function watched(train: (onStep: () => void) => Promise<unknown>): Promise<string[][]> {
  const addon = native() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const steps: string[][] = [[]];
  const note = (what: string) => steps.at(-1)!.push(what);
  const real = { ...addon };
  const names = new Map<number, { name: string; device: number }>();
  for (const name of WAITING) {
    addon[name] = (...args) => {
      note(name);
      return real[name]!(...args);
    };
  }
  addon.call = (operator, ...args) => {
    let known = names.get(operator as number);
    if (known === undefined) {
      const { text, arguments: declared } = real.schema!(operator) as {
        text: string;
        arguments: { name: string }[];
      };
      known = { name: text.slice(0, text.indexOf('(')), device: declared.findIndex(({ name }) => name === 'device') };
      names.set(operator as number, known);
    }
    const { name, device } = known;
    if (WAITING_OPERATORS.test(name)) note(name);
    // A tensor without a device is one of the CPU, wherever the training is.
    if (FACTORIES.test(name) && (args[device] === undefined || args[device] === null)) note(`${name} without a device`);
    return real.call!(operator, ...args);
  };
  vi.spyOn(hostReads, 'may').mockReturnValue(false);
  try {
    await train(() => steps.push([]));
  } finally {
    Object.assign(addon, real);
    vi.restoreAllMocks();
  }
  return steps;
}

const common = { data: 'shapes', model: 'resnet10_narrow', threads: 1, precision: 'float32', device: 'cpu' } as const;

/** Not the first step, which prepares, and none that ends an epoch or writes a checkpoint. */
const steady = (steps: string[][]) => steps.slice(2, 7);

test.each([
  ['one batch', {}],
  ['parts of a batch', { microBatch: 8 }],
  ['activations computed again, and blur', { recompute: true, blur: 0.5 }],
])('a step of pre-training waits for nothing: %s', async (name, more) => {
  const config = parseConfig(pretrainSchema, {
    ...{ ...common, ...more, out: join(root, name), batchSize: 32, limit: 256, epochs: 2, knnEvery: 2 },
  });
  const steps = await watched((onStep) =>
    pretrainSimclr(config, { onEvent: ({ type }) => type === 'step' && onStep() }),
  );
  expect(steps.length).toBeGreaterThan(16);
  expect(steady(steps)).toEqual([[], [], [], [], []]);
  expect(steps.flat()).toContain('item'); // kNN and checkpoints read, so the counters count
});

test.each([
  ['plain', {}],
  ['mixup and a mean of weights', { mixup: 0.4, averageWeights: 0.9, labelSmoothing: 0.1 }],
  ['a part of the network', { trainable: 'last-stage', layerDecay: 0.7, batchNorm: 'frozen' }],
])('a step of fine-tuning waits for nothing: %s', async (name, more) => {
  const settings = {
    ...common,
    ...more,
    out: join(root, `tuned ${name}`),
    batchSize: 32,
    fraction: 0.05,
    maxSteps: 12,
  };
  const steps = await watched((onStep) =>
    finetune(parseConfig(finetuneSchema, settings), { onEvent: ({ type }) => type === 'step' && onStep() }),
  );
  expect(steps.length).toBeGreaterThan(12);
  expect(steady(steps)).toEqual([[], [], [], [], []]);
  expect(steps.flat()).toContain('item');
});
