/** @file LP-FT: the classifier of a fine-tuning begins as the head that `classify` fits to the same labels, and nothing else differs. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { overImages } from '../src/evaluate/features.js';
import { probeFirst } from '../src/finetune/probe-first.js';
import { distil, type FinetuneOptions, finetune, openImages, pretrain } from '../src/index.js';
import { compute } from '../src/models/compute.js';
import { createModel } from '../src/models/create-model.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test']) await classFolders(at('photos', part), ['a', 'b', 'c'], 12, 16);
  await pretrain({
    ...machine,
    data: at('photos'),
    imageSize: 16,
    model: 'airbench',
    epochs: 1,
    batchSize: 8,
    heldOut: 0,
    out: at('run'),
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the classifier then solves the ridge regression of its representations: no step of the same loss changes it', async () => {
  using set = await openImages(at('photos'), { imageSize: 16 });
  const encoder = createModel('airbench', { numClasses: 3, generator: new torch.Generator(0) });
  const trained = Array.from({ length: set.train.count }, (_, i) => i);
  const notes: string[] = [];
  const options = { split: set.train, trained, numClasses: 3, normalisation: NORMALISATION, device: 'cpu' };
  await probeFirst(encoder, {
    ...options,
    io: { onEvent: (event) => event.type === 'note' && notes.push(event.text) },
  });
  expect(notes.join()).toMatch(/ridge regression of strength [\d.e-]+, by each label left out once/);

  encoder.eval();
  const over = { normalisation: NORMALISATION, compute: compute('cpu', 'float32') };
  const h = await overImages(set.train.images, (x) => encoder.features(x), over);
  const logits = await overImages(set.train.images, (x) => encoder.forward(x), over);
  const { 'fc.weight': weight, 'fc.bias': bias } = encoder.stateDict();
  expect(logits.sub(h.matmul(weight!.t()).add(bias!)).abs().max().item()).toBeLessThan(1e-4);
  // Pictures of a class differ by a shade: a ridge regression on as many numbers as these tells them apart.
  expect(logits.argmax({ dim: 1 }).eq(set.train.labels).to('float32').mean().item()).toBeGreaterThan(0.9);
});

describe('in a fine-tuning', () => {
  const options: FinetuneOptions = {
    ...{
      ...machine,
      data: at('photos'),
      imageSize: 16,
      init: at('run'),
      epochs: 1,
      batchSize: 6,
      maxSteps: 1,
      lr: 1e-9,
    },
    // Of these few pictures the probe is so steep that a step of the encoder would undo it.
    ...{ trainable: 'classifier', out: at('tuned') },
  };

  test('the steps begin at the accuracy of the head', async () => {
    const random = await finetune({ ...options, out: at('random') });
    const first = await finetune({ ...options, probeFirst: true, out: at('first') });
    expect(first.metrics.accuracy).toBeGreaterThan(random.metrics.accuracy + 0.2);
  });

  test.each<[string, Partial<FinetuneOptions>, RegExp]>([
    ['from scratch', { init: 'scratch' }, /learned nothing yet[\s\S]*--init RUN/],
    ['on the projection head', { headLayer: 1 }, /--head-layer 0/],
  ])('%s it is refused', async (_, other, words) => {
    await expect(finetune({ ...options, ...other, probeFirst: true, out: at('refused') })).rejects.toThrow(words);
  });

  test('of a student it is refused', async () => {
    const { init, ...others } = options;
    const student = distil({ ...others, init: at('run'), teacher: at('first'), probeFirst: true, out: at('student') });
    await expect(student).rejects.toThrow(/no labels to fit a classifier to/);
  });
});
