/** @file Arms whose encoder does not learn from labels: a ridge head on SimCLR's encoder, and the same on random weights, without a step. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainViews } from '../src/augment/views.js';
import type { Arm } from '../src/config/compare.js';
import { ridgeHead } from '../src/evaluate/heads/ridge.js';
import { compare, createModel, finetune, openImages, writeReport } from '../src/index.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const network = { model: 'resnet10_narrow', stem: 'cifar-half' } as const;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test']) await classFolders(at('photos', part), ['a', 'b'], 20, 16);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('both are fitted, not trained; what they cost is the pre-training, and nothing', async () => {
  const { cells, pretrain } = await compare({
    ...{ ...machine, data: at('photos'), models: [network.model], stem: network.stem, out: at('experiment') },
    ...{ arms: ['supervised', 'semi-supervised', 'frozen', 'random'], fractions: [0.5], seeds: 1, equalCompute: true },
    pretrain: { batchSize: 8, epochs: 2, heldOut: 0 },
    finetune: { batchSize: 5, epochs: 1, averageWeights: 0.9, headLayer: 1 },
  });
  const [supervised, frozen, random] = (['supervised', 'frozen', 'random'] as Arm[]).map(
    (arm) => cells.find((cell) => cell.arm === arm)!,
  );
  expect([frozen!.steps, frozen!.trainLoss, frozen!.flops]).toEqual([0, null, 0]);
  expect([frozen!.total.flops, random!.total.flops]).toEqual([pretrain[0]!.flops, 0]);
  expect(supervised!.steps).toBeGreaterThan(0);

  // The encoder is SimCLR's, and the classifier the ridge head of its representations of these labels.
  const load = (folder: string) => torch.safetensors.load(join(folder, 'checkpoints/last.safetensors'));
  const folder = at('experiment', frozen!.run);
  const { tensors, metadata } = load(folder);
  const source = load(at('experiment', pretrain[0]!.run)).tensors;
  expect(tensors['layer1.0.conv1.weight']!.sub(source['layer1.0.conv1.weight']!).abs().max().item()).toBe(0);
  using set = await openImages(at('photos'));
  const { trained } = JSON.parse(readFileSync(join(folder, 'indices.json'), 'utf8'));
  const index = torch.tensor(trained, { dtype: 'int64' });
  const encoder = createModel(network.model, { numClasses: 0, stem: network.stem });
  encoder.loadStateDict(tensors, { strict: false });
  encoder.eval();
  const h = torch.noGrad(() =>
    encoder.features(plainViews(set.train.images.indexSelect(0, index), JSON.parse(metadata.normalisation!))),
  );
  using head = ridgeHead(h, set.train.labels.indexSelect(0, index), { numClasses: 2 });
  expect(tensors['fc.weight']!.sub(head.weight).abs().max().item()).toBeLessThan(1e-4);

  await writeReport(at('experiment'));
  const report = readFileSync(at('experiment', 'report.html'), 'utf8');
  expect(report).toContain('what the architecture alone is worth');
  expect(report).toContain('semi-supervised minus supervised');
  expect(report).not.toContain('random minus');
});

test('on random weights without a step, twice the same; resumed as well', async () => {
  const options = { ...machine, ...network, data: at('photos'), probeFirst: true, epochs: 0, batchSize: 8 };
  const first = await finetune({ ...options, out: at('first') });
  expect(existsSync(at('first/checkpoints/last.safetensors'))).toBe(true);
  const again = await finetune({ ...options, out: at('first'), resume: true });
  expect(again.metrics).toEqual(first.metrics);
});

test('without a step and without a fitted classifier nothing would be learned: CONFIG_INVALID', async () => {
  const nothing = finetune({ ...machine, ...network, data: at('photos'), epochs: 0, out: at('nothing') });
  await expect(nothing).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/--probe-first/),
  });
});
