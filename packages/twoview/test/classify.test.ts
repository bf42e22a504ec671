/** @file `classify` as a job: its labels, its cache, what it leaves behind, and who can use that. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plainViews } from '../src/augment/views.js';
import { labelSubset } from '../src/data/indices.js';
import { fixedViews } from '../src/evaluate/crops.js';
import { overImages } from '../src/evaluate/features.js';
import {
  type ClassifyOptions,
  classify,
  createModel,
  distil,
  type ImageSet,
  imageSet,
  openImages,
  type ProgressEvent,
  predict,
  pretrain,
} from '../src/index.js';
import { compute } from '../src/models/compute.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const CLASSES = ['red', 'blue', 'green'];
let set: ImageSet;
let count = 0;
let said: string[] = [];

beforeAll(async () => {
  await torch.load({ threads: 1 });
  process.env.TWOVIEW_DATA = at('cache');
  for (const part of ['train', 'test'])
    await classFolders(at('pictures', part), CLASSES, part === 'train' ? 12 : 5, 16);
  set = await openImages(at('pictures'));
  const training = { ...machine, data: at('pictures'), model: 'resnet10_narrow', stem: 'cifar-half' } as const;
  await pretrain({ ...training, epochs: 1, batchSize: 8, heldOut: 0, out: at('run') });
});
afterAll(() => {
  set[Symbol.dispose]();
  delete process.env.TWOVIEW_DATA;
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  said = [];
});

const onEvent = (event: ProgressEvent) => {
  if (event.type === 'note') said.push(event.text);
};
const run = (more: Partial<ClassifyOptions> = {}) =>
  classify({ ...machine, data: set, weights: at('run'), out: at(`made-${count++}`), onEvent, ...more });
const summaryOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));

describe('a classifier of few labels', () => {
  test.each(['ridge', 'logistic', 'propagate'] as const)('%s tells three colours apart', async (method) => {
    const { metrics, labels, choice, evaluatedOn } = await run({ method, fraction: 0.5, neighbours: 5 });
    expect([labels, metrics.count, evaluatedOn]).toEqual([18, 15, 'test']);
    expect(metrics.accuracy).toBeGreaterThan(0.6); // chance is a third
    expect(choice.curve.map(({ strength }) => strength)).toContain(choice.strength);
  });

  test('its labels are those that finetune takes with this fraction and seed', async () => {
    const { run: folder } = await run({ fraction: 0.25, seed: 3 });
    const { trained } = JSON.parse(readFileSync(join(folder, 'indices.json'), 'utf8'));
    expect(trained).toEqual(labelSubset(set.train, set.classes, { subset: 'random', fraction: 0.25, seed: 3 }));
  });

  test('a number of labels is the fraction that comes nearest, and another number is said', async () => {
    expect((await run({ labels: 9 })).labels).toBe(9);
    expect(said.filter((text) => text.includes('instead of'))).toEqual([]);
    expect((await run({ labels: 10 })).labels).toBe(9);
    expect(said).toContain('9 labels instead of 10: of each class the same share, rounded');
    await expect(run({ labels: 1 })).rejects.toMatchObject({ code: 'FRACTION_TOO_SMALL' });
  });

  test('one label a class works, and is said', async () => {
    const { choice, labels } = await run({ labels: 3 });
    expect([labels, choice.accuracy]).toEqual([3, null]);
    expect(choice.by).toMatch(/no class has two labels/);
  });

  test('a share of the labels may be tested on instead; it is not spread over', async () => {
    const result = await run({ validation: 0.25, method: 'propagate', neighbours: 5 });
    expect([result.labels, result.metrics.count, result.evaluatedOn]).toEqual([27, 9, 'validation']);
  });

  test('a validation part that is not there is refused: DATA_EMPTY', async () => {
    await expect(run({ validation: 'val' })).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });
});

describe.each(['ridge', 'logistic', 'propagate'] as const)('%s never sees the test', (method) => {
  test('other test labels change no strength, no temperature and no weight', async () => {
    const options = { method, fraction: 0.5, neighbours: 5 };
    const before = await run(options);
    const images = { train: set.train.images.clone(), test: set.test!.images.clone() };
    using shuffled = await imageSet({
      train: { images: images.train, labels: set.train.labels.tolist() },
      test: { images: images.test, labels: (set.test!.labels.tolist() as number[]).map((label) => (label + 1) % 3) },
      classes: set.classes,
    });
    const after = await run({ ...options, data: shuffled });
    expect(after.choice).toEqual(before.choice);
    const weightOf = (folder: string) =>
      torch.scope(() => {
        const { tensors } = torch.safetensors.load(join(folder, 'checkpoints', 'last.safetensors'));
        return tensors['fc.weight']!.tolist();
      });
    expect(weightOf(after.run)).toEqual(weightOf(before.run));
    expect(after.metrics.accuracy).not.toBe(before.metrics.accuracy);
  });
});

test('transductive is refused where nothing is spread: CONFIG_INVALID', async () => {
  await expect(run({ transductive: true })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('transductive is said, and changes what propagate learns', async () => {
  const options = { method: 'propagate', fraction: 0.5, neighbours: 5 } as const;
  const plain = await run(options);
  const with15 = await run({ ...options, transductive: true });
  expect(said.join('\n')).toMatch(/transductive: labels are spread over the 15 images that are tested on/);
  expect(with15.choice).not.toEqual(plain.choice);
});

describe('the cache of representations', () => {
  const files = () => (existsSync(at('cache', 'features')) ? readdirSync(at('cache', 'features')) : []);

  test('a second classifier takes them from it: equal bytes, said with their size', async () => {
    const first = await run({ crops: 8, fraction: 0.5 });
    expect(said.filter((text) => /features of the (training|test) images: kept in .* MiB\)/.test(text))).toHaveLength(
      2,
    );
    const before = files().map((name) => [name, statSync(at('cache', 'features', name)).mtimeMs]);
    said = [];
    const second = await run({ crops: 8, fraction: 0.5 });
    expect(said.filter((text) => /features of the (training|test) images: taken from/.test(text))).toHaveLength(2);
    expect(files().map((name) => [name, statSync(at('cache', 'features', name)).mtimeMs])).toEqual(before);
    const bytes = (folder: string) => readFileSync(join(folder, 'checkpoints', 'last.safetensors'));
    expect(bytes(second.run).equals(bytes(first.run))).toBe(true);
    expect(second.metrics).toEqual(first.metrics);
  });

  test('other views and other images have files of their own; a damaged file is made anew', async () => {
    await run({ crops: 1, fraction: 0.5 });
    const known = files();
    await run({ crops: 2, fraction: 0.5 });
    const fresh = files().filter((name) => !known.includes(name));
    for (const name of fresh) writeFileSync(at('cache', 'features', name), 'torn');
    const { metrics } = await run({ crops: 2, fraction: 0.5 });
    expect(metrics.count).toBe(15);
    for (const name of fresh) expect(statSync(at('cache', 'features', name)).size).toBeGreaterThan(1000);
  });
});

describe('views whose representations are averaged', () => {
  const normalisation = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] };
  const network = (x: torch.Tensor) =>
    x
      .square()
      .mean([2, 3])
      .add(x.select(3, 0).mean([2])); // sees left and right
  const over = (crops: 1 | 2 | 8) =>
    overImages(set.train.images, network, { normalisation, crops, compute: compute('cpu', 'float32') });

  test('2 is the mean of the image and its mirror image', async () => {
    const views = plainViews(set.train.images, normalisation);
    const expected = network(views)
      .add(network(views.flip([3])))
      .div(2);
    expect((await over(2)).sub(expected).abs().max().item()).toBeLessThan(1e-5);
  });
  test('8 are the same each time, whatever the batch, and mirror images of each other in pairs', () => {
    const viewsOf = fixedViews(8, { normalisation, device: 'cpu' });
    const all = viewsOf(set.train.images, 0).map((make) => make());
    const part = viewsOf(set.train.images.narrow(0, 7, 4), 7).map((make) => make());
    expect(all).toHaveLength(8);
    for (const [i, view] of all.entries()) expect(torch.equal(view.narrow(0, 7, 4), part[i]!)).toBe(true);
    for (const i of [0, 2, 4, 6]) expect(torch.equal(all[i]!.flip([3]), all[i + 1]!)).toBe(true);
    expect(torch.equal(all[2]!, all[4]!)).toBe(false);
  });
});

describe('what it leaves behind', () => {
  test('is a run: settings, the curve of strengths, seconds, and a checkpoint that is a whole network', async () => {
    const { run: folder, choice, metrics } = await run({ fraction: 0.5, crops: 1 });
    const summary = summaryOf(folder);
    expect(summary).toMatchObject({ kind: 'classify', classes: set.classes, config: { model: 'resnet10_narrow' } });
    expect(summary.result.choice).toEqual(choice);
    expect(Object.keys(summary.result.seconds)).toEqual(['features', 'head']);
    torch.scope(() => {
      const { tensors, metadata } = torch.safetensors.load(join(folder, 'checkpoints', 'last.safetensors'));
      const network = createModel('resnet10_narrow', { numClasses: 3, stem: 'cifar-half' });
      network.loadStateDict(tensors);
      network.eval();
      const views = plainViews(set.test!.images, JSON.parse(metadata.normalisation!));
      const guess = torch.noGrad(() => network.forward(views)).argmax({ dim: 1 });
      expect(guess.eq(set.test!.labels).to('float64').mean().item()).toBeCloseTo(metrics.accuracy, 9);
    });
  });

  test('predict names images with it, by the same views', async () => {
    const made = await run({ fraction: 0.5, crops: 2 });
    const { predictions, accuracy } = await predict({
      ...machine,
      data: at('pictures'),
      run: made,
      out: at('named.csv'),
    });
    const tested = predictions.filter(({ split }) => split === 'test');
    const right = tested.filter(({ label, predicted }) => label === predicted).length / tested.length;
    expect(right).toBeCloseTo(made.metrics.accuracy, 9);
    expect(accuracy).not.toBeNull();
  });

  test('distil teaches a student with it', async () => {
    const teacher = await run({ fraction: 0.5 });
    const student = { data: set, init: at('run'), epochs: 1, batchSize: 8, out: at('student') };
    const { labels, metrics } = await distil({ ...machine, ...student, teacher });
    expect([labels, metrics!.count]).toEqual([36, 15]);
  });

  test('a folder that holds something is refused, and left as it is', async () => {
    mkdirSync(at('mine'));
    writeFileSync(at('mine', 'file'), 'mine');
    await expect(run({ out: at('mine') })).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    expect(readdirSync(at('mine'))).toEqual(['file']);
  });

  test('nothing but the images stays in memory', async () => {
    await run({ fraction: 0.5 });
    const before = torch.liveTensors();
    for (const method of ['ridge', 'logistic', 'propagate'] as const)
      await run({ method, fraction: 0.5, neighbours: 5 });
    expect(torch.liveTensors()).toBe(before);
  });
});

test('images without labels are refused: LABELS_MISSING', async () => {
  using unlabelled = await imageSet({ train: { images: set.train.images.clone() } });
  await expect(run({ data: unlabelled })).rejects.toMatchObject({ code: 'LABELS_MISSING' });
});
