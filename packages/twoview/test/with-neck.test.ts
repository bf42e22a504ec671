/** @file A classifier on the first layer of the projection head: the same numbers as encoder and head one after the other. */
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { openImages } from '../src/data/open-images.js';
import { openFrozen } from '../src/evaluate/frozen.js';
import { finetune } from '../src/finetune/finetune.js';
import { createModel } from '../src/models/create-model.js';
import { readWeights } from '../src/models/weights.js';
import { headLayerOf, WithHeadLayer } from '../src/models/with-head-layer.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';
import { projectionHead } from '../src/ssl/projection-head.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
beforeAll(() => torch.load());

describe('projection head', () => {
  test.each([
    [2, ['0.weight', '1.weight', '1.bias', '3.weight']],
    [3, ['0.weight', '1.weight', '1.bias', '3.weight', '4.weight', '4.bias', '6.weight']],
  ])('%d linear layers', (layers, keys) => {
    const head = projectionHead(8, { outputs: 5, layers });
    expect(Array.from(head.namedParameters(), ([key]) => key)).toEqual(keys);
    expect(head.parameters().at(-1)!.shape).toEqual([5, 8]);
    expect(head.forward(torch.randn([3, 8])).shape).toEqual([3, 5]);
    head.dispose();
  });
});

describe('with a neck', () => {
  test('the keys of the encoder stay as they are', () => {
    const generator = new torch.Generator(0);
    const encoder = createModel('resnet10_narrow', { numClasses: 0, generator });
    const keys = Object.keys(encoder.stateDict());
    const network = new WithHeadLayer(encoder, { width: encoder.featureSize, numClasses: 3, generator });
    expect(Object.keys(network.stateDict()).slice(0, keys.length)).toEqual(keys);
    expect(
      Object.keys(network.stateDict())
        .slice(keys.length)
        .map((key) => key.split('.')[0]),
    ).toEqual([...new Array(6).fill('neck'), 'fc', 'fc']);
    network.dispose();
  });

  test('logits are those of encoder, first layer of the head and classifier', () => {
    torch.scope(() => {
      const generator = new torch.Generator(0);
      const encoder = createModel('resnet10_narrow', { numClasses: 0, generator });
      const head = projectionHead(encoder.featureSize, { generator });
      const network = new WithHeadLayer(encoder, { width: encoder.featureSize, numClasses: 3, generator });
      network.loadStateDict(headLayerOf(head.stateDict()), { strict: false });
      network.eval();
      head.eval();
      const x = torch.randn([2, 3, 16, 16], { generator });
      const state = network.stateDict();
      const hidden = head.layers.slice(0, 3).reduce((value, layer) => layer.forward(value), encoder.features(x));
      const expected = hidden.matmul(state['fc.weight']!.t()).add(state['fc.bias']!);
      expect(network.forward(x).sub(expected).abs().max().item()).toBeLessThan(1e-5);
      network.dispose();
      head.dispose();
    });
  });

  test('fine-tuned from a pre-training, resumed, and read by others as a plain encoder', async () => {
    const data = join(root, 'pictures');
    await classFolders(join(data, 'train'), ['a', 'b'], 8);
    await classFolders(join(data, 'test'), ['a', 'b'], 2);
    const machine = { data, precision: 'float32', threads: 1, batchSize: 4 };
    const simclr = join(root, 'simclr');
    const tuned = join(root, 'tuned');
    await pretrainSimclr(
      parseConfig(pretrainSchema, { ...machine, model: 'resnet10_narrow', epochs: 1, heldOut: 0, out: simclr }),
    );
    const settings = parseConfig(finetuneSchema, { ...machine, init: simclr, headLayer: 1, epochs: 2, out: tuned });
    const result = await finetune(settings);
    expect(result.parameters).toBeGreaterThan(308_826); // more than without the neck
    expect((await finetune({ ...settings, resume: true })).metrics).toEqual(result.metrics);

    using weights = await readWeights(tuned);
    expect(Object.keys(weights.tensors)).toContain('neck.0.weight');
    using set = await openImages(data, {}, {});
    const auto = { model: 'auto', stem: 'auto', mean: 'auto', std: 'auto', deterministic: true } as const;
    using frozen = await openFrozen(
      { ...auto, weights: tuned, device: 'cpu', threads: 1, precision: 'float32' },
      set,
      {},
    );
    expect(frozen.featureSize).toBe(128);
  });

  test('from scratch there is no head to stand on', async () => {
    const settings = parseConfig(finetuneSchema, {
      data: join(root, 'pictures'),
      headLayer: 1,
      out: join(root, 'none'),
    });
    await expect(finetune(settings)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
