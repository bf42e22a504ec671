/** @file Weights under the names that other programs give them, in files of any name: read and said, or refused by kind. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createModel, type Encoder } from '../src/models/create-model.js';
import { fitNames } from '../src/models/fit-names.js';
import { describeLoad, loadEncoder, readWeights } from '../src/models/weights.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
let trained: Encoder;
let state: Record<string, torch.Tensor>;
beforeAll(async () => {
  await torch.load();
  const make = (seed: number) =>
    createModel('resnet10_narrow', { numClasses: 0, generator: new torch.Generator(seed) });
  trained = make(1);
  state = trained.stateDict();
});
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
/** The trained network's tensors under other names, with others beside them, in a file of this name. */
function file(
  rename: (key: string) => string,
  beside: Record<string, torch.Tensor> = {},
  name = 'x.safetensors',
): string {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  const named = Object.fromEntries(Object.entries(state).map(([key, tensor]) => [rename(key), tensor]));
  torch.safetensors.save(join(folder, 'saved.safetensors'), { ...named, ...beside });
  copyFileSync(join(folder, 'saved.safetensors'), join(folder, name));
  return join(folder, name);
}
/** Loads into a fresh network. @returns what was said, and whether its weights are the trained ones */
async function load(path: string, model = 'resnet10_narrow') {
  const fresh = createModel(model, { numClasses: 0, generator: new torch.Generator(2) });
  using weights = await readWeights(path);
  const said = describeLoad(loadEncoder(fresh, weights, model), weights);
  return {
    said,
    equal: Object.entries(fresh.stateDict()).every(
      ([key, tensor]) => key.endsWith('batches_tracked') || tensor.equal(state[key]!),
    ),
  };
}
const some = () => torch.zeros([2, 2]);

test.each(['model.module.', '_orig_mod.module.encoder.', 'online_network.backbone.', 'student.net.0.'])(
  'behind the prefix %s, which is said',
  async (prefix) => {
    const { said, equal } = await load(file((key) => prefix + key, { 'projector.0.weight': some() }));
    expect([equal, said]).toEqual([
      true,
      expect.stringMatching(`"${prefix}" was taken off[\\s\\S]*left out projector\\.0\\.weight`),
    ]);
  },
);

test("numbered as lightly's own ResNet is, whose ReLU is no part", async () => {
  const part: Record<string, string> = { conv1: '0', bn1: '1', layer1: '2', layer2: '3', layer3: '4', layer4: '5' };
  const { said, equal } = await load(file((key) => `backbone.${key.replace(/^\w+/, (name) => part[name]!)}`));
  expect([equal, said]).toEqual([true, expect.stringContaining('numbered as in a Sequential')]);
});

test('of two networks that fit, the one that follows the other by a running mean is left out, and it is said', async () => {
  const follower = Object.fromEntries(
    Object.entries(state).map(([key, tensor]) => [`momentum_backbone.${key}`, torch.zerosLike(tensor)]),
  );
  const { said, equal } = await load(file((key) => `longer_than_the_other_name.${key}`, follower));
  expect([equal, said]).toEqual([true, expect.stringMatching(/those under "momentum_backbone\." fit as well/)]);
});

test.each(['weights.bin', 'model_best.PTH.TAR', 'no-extension'])('safetensors that are called %s', async (name) => {
  expect((await load(file((key) => `module.${key}`, {}, name))).equal).toBe(true);
});

describe('refused', () => {
  const codeOf = (path: string, model?: string) =>
    load(path, model).then(
      () => 'taken',
      (error) => [error.code, error.message],
    );
  test('a deeper network of the same parts, with what is too much', async () => {
    const path = file((key) => `backbone.${key}`, { 'backbone.layer1.7.conv1.weight': some() });
    expect(await codeOf(path)).toEqual([
      'WEIGHTS_MISMATCH',
      expect.stringMatching(/unknown \(1\): backbone\.layer1\.7/),
    ]);
  });
  test('another network, with what is missing', async () => {
    expect(
      await codeOf(
        file((key) => key),
        'resnet18',
      ),
    ).toEqual(['WEIGHTS_MISMATCH', expect.stringMatching(/missing \(\d+\)/)]);
  });
  test('no weights at all', async () => {
    const text = join(root, 'page.pth');
    writeFileSync(text, '<!doctype html>');
    expect(await codeOf(text)).toEqual(['PTH_CORRUPT', expect.stringContaining('neither a zip file nor a pickle')]);
    expect(await codeOf(root)).toEqual(['RUN_NOT_FOUND', expect.stringContaining('this folder holds no weights')]);
    expect(await codeOf(file((key) => `x.${key}`).replace('x.safe', 'y.safe'))).toEqual([
      'RUN_NOT_FOUND',
      expect.anything(),
    ]);
  });
});

test('a network whose own names are there is never looked for behind a prefix', () => {
  const { prefix, others } = fitNames(
    ['conv1.weight', 'bn1.bias'],
    ['conv1.weight', 'bn1.bias', 'a.conv1.weight', 'a.bn1.bias'],
  );
  expect([prefix, others]).toEqual(['', ['a.']]);
});
