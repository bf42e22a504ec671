/** @file The network that is taken where none is named, by size of the images and device; a run keeps the one that it began with. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { finetune, knn, pretrain } from '../src/index.js';
import { modelFor } from '../src/models/auto-model.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test']) await classFolders(join(root, 'photos', part), ['a', 'b'], 12, 16);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['auto', 32, 'cpu', 'airbench'],
  ['auto', 64, 'cpu', 'airbench'],
  ['auto', 96, 'cpu', 'resnet18'],
  ['auto', 32, 'cuda', 'resnet18'],
  ['auto', 32, 'cuda:1', 'resnet18'],
  ['rexnet_150', 32, 'cpu', 'rexnet_150'],
])('%s for images of %i pixels on %s is %s', (model, imageSize, device, expected) => {
  expect(modelFor(model, { imageSize, device })).toBe(expected);
});

test('it is said and recorded, and what starts from the run takes it from there', async () => {
  const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
  const common = { ...machine, data: join(root, 'photos'), imageSize: 16 };
  const notes: string[] = [];
  const out = join(root, 'run');
  const options = { ...common, epochs: 2, batchSize: 8, heldOut: 4, k: 2, out };
  await pretrain({ ...options, onEvent: (event) => event.type === 'note' && notes.push(event.text) });
  expect(notes.join('\n')).toContain('airbench, stem cifar, for images of 16 pixels on this device');
  expect(parse(readFileSync(join(out, 'config.yaml'), 'utf8'))).toMatchObject({ model: 'airbench', stem: 'cifar' });
  await pretrain({ ...options, resume: true }); // with `auto` as before
  expect((await knn({ ...common, weights: out, k: 2 })).model).toBe('airbench');
  const tuned = join(root, 'tuned');
  await finetune({ ...common, init: out, epochs: 1, batchSize: 4, out: tuned });
  expect(parse(readFileSync(join(tuned, 'config.yaml'), 'utf8')).model).toBe('airbench');
  const scratch = join(root, 'scratch');
  await finetune({ ...common, epochs: 1, batchSize: 4, out: scratch });
  expect(parse(readFileSync(join(scratch, 'config.yaml'), 'utf8')).model).toBe('airbench');
});
