/** @file What a pre-training changed is what the other commands say of the same networks; the parts against their definitions. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knnSchema } from '../src/config/evaluate.js';
import { inspectSchema } from '../src/config/inspect.js';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { evaluateKnn } from '../src/evaluate/knn-run.js';
import { nearest } from '../src/evaluate/nearest.js';
import { SIMILARITY_BINS, similarities } from '../src/evaluate/similarity.js';
import { umap } from '../src/evaluate/umap.js';
import { finetune, finetuneSchema } from '../src/index.js';
import { Owned } from '../src/runs/owned.js';
import { inspect } from '../src/ssl/inspect.js';
import { initialNetworks } from '../src/ssl/networks.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';
import { temporaryFolder } from './pictures.js';
import { rowsOf } from './rows.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const machine = { precision: 'float32', threads: 1 } as const;
const random = (shape: number[], seed: number) =>
  torch.randn(shape, { dtype: 'float64', generator: new torch.Generator(seed) });

const cosine = (a: number[], b: number[]) => {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
const mean = (list: number[]) => list.reduce((a, b) => a + b) / list.length;

await torch.load({ threads: 1 });
afterAll(() => rmSync(root, { recursive: true }));

describe('similarities', () => {
  const z = random([12, 5], 1);
  const rows = rowsOf(z);
  const [positive, negative]: [number[], number[]] = [[], []];
  for (let i = 0; i < 12; i++) {
    for (let j = i + 1; j < 12; j++) {
      const same = i % 2 === 0 && j === i + 1;
      (same ? positive : negative).push(cosine(rows[i]!, rows[j]!));
    }
  }
  const found = similarities(z);

  test('means over the pairs', () => {
    expect(found.positiveMean).toBeCloseTo(mean(positive), 12);
    expect(found.negativeMean).toBeCloseTo(mean(negative), 12);
  });
  test.each([
    ['positive', positive],
    ['negative', negative],
  ] as const)('%s pairs by bins', (name, list) => {
    const expected = new Array<number>(SIMILARITY_BINS).fill(0);
    for (const value of list) expected[Math.floor(((value + 1) / 2) * SIMILARITY_BINS)]! += 1 / list.length;
    for (const [i, share] of found[name].entries()) expect(share).toBeCloseTo(expected[i]!, 12);
  });
  test('a view twice: all positive pairs in the last bin', () => {
    const twice = torch.ops.repeatInterleave(random([4, 3], 2), 2, { dim: 0 });
    expect(similarities(twice).positive.at(-1)).toBe(1);
  });
});

describe('nearest', () => {
  test('itself, then the others by cosine similarity', () => {
    const h = random([9, 4], 3);
    const rows = rowsOf(h);
    const { indices, distances } = nearest(h, 5);
    for (const [i, row] of rows.entries()) {
      const others = rows.map((other, j) => ({ j, d: 1 - cosine(row, other) })).filter(({ j }) => j !== i);
      const expected = [{ j: i, d: 0 }, ...others.sort((a, b) => a.d - b.d)].slice(0, 5);
      expect(indices[i]).toEqual(expected.map(({ j }) => j));
      for (const [n, { d }] of expected.entries()) expect(distances[i]![n]).toBeCloseTo(d, 12);
    }
  });
  test('a row comes before its doubles', () => {
    const { indices, distances } = nearest(torch.ones([4, 3]), 2);
    expect(indices.map(([self]) => self)).toEqual([0, 1, 2, 3]);
    expect(distances.flat()).toEqual(new Array(8).fill(0));
  });
});

describe('umap', () => {
  /** Three directions with noise, 20 rows each. */
  const h = torch.scope(() => {
    const centres = torch.ops.repeatInterleave(torch.eye(3, { dtype: 'float64' }), 20, { dim: 0 });
    return centres.add(random([60, 3], 4).mul(0.05));
  });

  test('what is near stays near, and the same seed draws the same map', async () => {
    const points = await umap(h, 0);
    expect(points.length).toBe(60);
    const distance = (a: number, b: number) => Math.hypot(points[a]![0] - points[b]![0], points[a]![1] - points[b]![1]);
    const pairs = Array.from({ length: 60 * 60 }, (_, i) => [Math.floor(i / 60), i % 60] as [number, number]);
    const group = (i: number) => Math.floor(i / 20);
    const within = pairs.filter(([a, b]) => a < b && group(a) === group(b)).map(([a, b]) => distance(a, b));
    const across = pairs.filter(([a, b]) => group(a) < group(b)).map(([a, b]) => distance(a, b));
    expect(Math.max(...within)).toBeLessThan(Math.min(...across));
    expect(await umap(h, 0)).toEqual(points);
    expect(await umap(h, 1)).not.toEqual(points);
  });
  test('fewer images than it wants neighbours', async () => {
    using few = h.narrow(0, 0, 6);
    const points = await umap(few, 0);
    expect(points.length).toBe(6);
    expect(points.flat().every(Number.isFinite)).toBe(true);
  });
});

/** Classes that nobody can tell apart, so that accuracies hang on every bit of the network. */
async function noise(folder: string, classes: string[], count: number, seed: number): Promise<void> {
  const values = torch.rand([classes.length, count, 16 * 16 * 3], { generator: new torch.Generator(seed) });
  for (const [c, name] of classes.entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const pixels = Buffer.from(values.select(0, c).select(0, i).mul(255).to('uint8').toTypedArray() as Uint8Array);
      const raw = { width: 16, height: 16, channels: 3 } as const;
      await sharp(pixels, { raw })
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
  }
}

describe('inspect', () => {
  const pictures = at('pictures');
  const settings = {
    data: pictures,
    model: 'resnet10_narrow',
    stem: 'cifar',
    heldOut: 4,
    k: 3,
    batchSize: 8,
    epochs: 2,
  };
  const trained = parseConfig(pretrainSchema, { ...machine, ...settings, out: at('run') });

  beforeAll(async () => {
    await noise(join(pictures, 'train'), ['a', 'b', 'c'], 10, 1);
    await noise(join(pictures, 'test'), ['a', 'b', 'c'], 6, 2);
    await noise(root, ['unlabelled'], 30, 3); // a folder without folders has no labels
    await pretrainSimclr(trained);
  });

  const look = (out: string, more: object = {}) =>
    inspect(parseConfig(inspectSchema, { ...machine, run: at('run'), k: 5, out: at(out), ...more }));
  const knnOf = async (weights: string) => {
    const config = { ...machine, data: pictures, weights, k: 5, model: 'resnet10_narrow', stem: 'cifar' };
    const { metrics } = await evaluateKnn(parseConfig(knnSchema, config));
    return Math.round(metrics.accuracy * 18) / 18; // of 18 test images
  };

  test('kNN after is that of `twoview knn RUN`, and before that of the weights it began with', async () => {
    using owned = new Owned();
    torch.safetensors.save(at('began.safetensors'), initialNetworks(trained, owned, 16).encoder.stateDict(), {});
    const { knnTest, similarity, shown, map, labels, views, neighbours } = await look('inspection');
    expect(knnTest).toEqual({
      ...{ before: await knnOf(at('began.safetensors')), after: await knnOf(at('run')), k: 5, bank: 30, queries: 18 },
    });
    expect(map.before).not.toEqual(map.after); // accuracies of 18 images may agree by chance
    expect(similarity.before).not.toEqual(similarity.after);
    expect([shown, map.before.length, map.after.length, views.length]).toEqual(['test images', 18, 18, 8]);
    expect([0, 1, 2].map((c) => labels.filter((label) => label === c).length)).toEqual([6, 6, 6]);
    expect(neighbours.map(({ label }) => label).sort()).toEqual(['a', 'b', 'c']); // one of each class
    for (const { image, before, after } of neighbours) {
      expect([before.length, after.length]).toEqual([6, 6]);
      expect([...before, ...after].map((one) => one.image)).not.toContain(image);
    }
    for (const { image, views: two } of views) expect(new Set([image, ...two]).size).toBe(3);
  });

  test('the same again gives the same', async () => {
    const { seconds: _, ...first } = await look('first');
    const { seconds: __, ...second } = await look('second');
    expect(second).toEqual(first);
  });

  test('images without labels and test images: those held out, and no kNN', async () => {
    const unlabelled = { ...machine, ...settings, data: at('unlabelled'), out: at('unlabelled-run') };
    await pretrainSimclr(parseConfig(pretrainSchema, unlabelled));
    const { shown, knnTest, labels, neighbours } = await look('held-out', { run: at('unlabelled-run') });
    expect([shown, knnTest, labels.length]).toEqual(['images held out of the pre-training', null, 4]);
    expect(neighbours.length).toBe(4);
    expect(neighbours[0]!.after.length).toBe(3); // there are no more
  });

  test('one image held out has no other to differ from, so those are shown that it learnt from', async () => {
    await noise(root, ['few'], 6, 4);
    const few = { ...machine, ...settings, data: at('few'), batchSize: 4, out: at('few-run') };
    await pretrainSimclr(parseConfig(pretrainSchema, few));
    const { shown, similarity, map } = await look('few-inspection', { run: at('few-run') });
    expect([shown, map.after.length]).toEqual(['training images of this run', 6]);
    expect(Number.isFinite(similarity.after.negativeMean)).toBe(true);
  });

  test('a run of finetune is refused', async () => {
    const tuning = { ...machine, data: pictures, model: 'resnet10_narrow', epochs: 1, batchSize: 8, out: at('tuned') };
    await finetune(parseConfig(finetuneSchema, tuning));
    await expect(look('never', { run: at('tuned') })).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });
});
