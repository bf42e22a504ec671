/** @file What `auto` becomes in a pre-training, by its network; a run records it and goes on with it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { compose, flip, simclr } from '../src/augment/steps.js';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { pretrain } from '../src/index.js';
import { suitedTo } from '../src/ssl/recipe.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test']) await classFolders(at('photos', part), ['a', 'b'], 12, 16);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const suited = (settings: object, imageSize = 32, views = simclr()) => {
  const config = parseConfig(pretrainSchema, { data: 'd', out: 'o', ...settings });
  const { optimizer, viewSizes, warmupEpochs, temperature } = suitedTo(config, imageSize, views);
  return [optimizer, viewSizes, warmupEpochs, temperature];
};

test.each([
  ['airbench', 32, ['muon', [16, 24, 32], 5, 0.2]],
  ['airbench', 64, ['muon', [32, 48, 64], 5, 0.2]],
  ['airbench', 16, ['muon', [8, 16], 5, 0.2]],
  ['airbench', 8, ['muon', [], 5, 0.2]],
  ['resnet18', 32, ['sgd', [], 5, 'auto']],
  ['own:MyNet', 32, ['sgd', [], 5, 'auto']],
] as const)('%s, images of %i pixels', (model, imageSize, expected) => {
  expect(suited({ model }, imageSize)).toEqual(expected);
});

test('what is given stays; a warm-up is a tenth of a short training; the temperature is that of NT-Xent alone', () => {
  const given = { optimizer: 'sgd', viewSizes: [], warmupEpochs: 0, temperature: 0.5 };
  expect(suited({ model: 'airbench', ...given })).toEqual(['sgd', [], 0, 0.5]);
  expect(suited({ model: 'airbench', epochs: 6, loss: 'decoupled' })).toEqual(['muon', [16, 24, 32], 0.6, 'auto']);
});

test('views that do not begin with a crop cannot be made smaller, and are not', () => {
  expect(suited({ model: 'airbench' }, 32, compose(flip()))).toEqual(['muon', [], 5, 0.2]);
});

test('a run says and records them, and one that began with others goes on with these', async () => {
  const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
  const options = { ...machine, data: at('photos'), imageSize: 16, epochs: 2, batchSize: 8, heldOut: 0 };
  const notes: string[] = [];
  await pretrain({
    ...{ ...options, out: at('run') },
    onEvent: (event) => event.type === 'note' && notes.push(event.text),
  });
  expect(notes).toContain('NT-Xent, temperature 0.2; muon, highest learning rate 0.005; views of 8, 16 pixels');
  const file = at('run', 'config.yaml');
  const recorded = parse(readFileSync(file, 'utf8'));
  expect(recorded).toMatchObject({ optimizer: 'muon', viewSizes: [8, 16], warmupEpochs: 0.2, temperature: 0.2 });
  // As a run that an earlier version began.
  writeFileSync(file, stringify({ ...recorded, optimizer: 'sgd', viewSizes: [], lr: 0.06 }));
  notes.length = 0;
  rmSync(at('run', 'checkpoints'), { recursive: true });
  rmSync(at('run', 'summary.json'));
  await pretrain({
    ...{ ...options, out: at('run'), resume: true },
    onEvent: (event) => event.type === 'note' && notes.push(event.text),
  });
  expect(notes).toContain('NT-Xent, temperature 0.2; sgd, highest learning rate 0.06');
});

test('training with labels leaves them to its own defaults', async () => {
  const { run } = await pretrain({
    ...{ method: 'supervised', data: at('photos'), imageSize: 16, epochs: 1, batchSize: 8, out: at('labels') },
    ...{ precision: 'float32', threads: 1, device: 'cpu' },
  });
  expect(parse(readFileSync(join(run, 'config.yaml'), 'utf8'))).toMatchObject({ optimizer: 'sgd', viewSizes: [] });
});
