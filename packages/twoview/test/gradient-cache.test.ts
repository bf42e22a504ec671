/** @file Batches beyond memory: loss and gradients are those of the whole batch. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOSS_NAMES, type LossName } from '../src/config/pretrain.js';
import { parseConfig, pretrain, pretrainSchema } from '../src/index.js';
import { lossOf } from '../src/losses/by-name.js';
import { ntXent, ntXentRows } from '../src/losses/nt-xent.js';
import { createModel, type Encoder } from '../src/models/create-model.js';
import { readMetrics } from '../src/runs/run-folder.js';
import { checkpointActivations, keepActivations } from '../src/ssl/forward-pass.js';
import { cachedLoss } from '../src/ssl/gradient-cache.js';
import { projectionHead } from '../src/ssl/projection-head.js';
import { classFolders, temporaryFolder } from './pictures.js';

beforeAll(() => torch.load({ threads: 1 }));

const N = 12;
const TEMPERATURE = 0.2;
type Project = (views: torch.Tensor) => torch.Tensor;

function networks(model = 'resnet10_narrow') {
  const generator = new torch.Generator(5);
  const encoder = createModel(model, { numClasses: 0, stem: 'cifar-half', generator });
  const head = projectionHead(encoder.featureSize, { outputs: 16, generator });
  return { encoder, head, project: ((x) => head.forward(encoder.features(x))) as Project };
}

const views = () => torch.randn([2 * N, 3, 16, 16], { generator: new torch.Generator(9) });

const labels = () => torch.arange(N).remainder(4).sub(1); // a quarter of them is not known

/** The loss of all views in one graph. */
function whole(project: Project, name: LossName = 'nt-xent'): number {
  const [zA, zB] = torch.ops.unbind(project(views()).reshape([N, 2, -1]), 1);
  const loss = lossOf({ loss: name, temperature: TEMPERATURE }).of(zA!, zB!, labels());
  loss.backward();
  return loss.item();
}

function inParts(project: Project, modules: torch.nn.Module[], microBatch: number, name: LossName = 'nt-xent'): number {
  const all = views();
  const make = (from = 0, count = N) => all.narrow(0, 2 * from, 2 * count);
  return cachedLoss({ images: N, make }, keepActivations(project), {
    microBatch,
    loss: lossOf({ loss: name, temperature: TEMPERATURE }),
    labels: labels(),
    networks: modules,
  }).item();
}

/**
 * Largest distance of any gradient, as a share of the largest one of its tensor; at least of a thousandth of the largest of all, since
 * a bias before a batch norm has a gradient of nothing but rounding.
 */
function distance(a: torch.nn.Module[], b: torch.nn.Module[]): number {
  const gradients = (modules: torch.nn.Module[]) =>
    modules.flatMap((module) => module.parameters()).map(({ grad }) => grad!);
  const largest = (x: torch.Tensor) => x.abs().max().item();
  const others = gradients(b);
  const least = Math.max(...others.map(largest)) / 1000;
  return Math.max(
    ...gradients(a).map((mine, i) => largest(mine.sub(others[i]!)) / Math.max(largest(others[i]!), least)),
  );
}

const statistics = (encoder: Encoder) => Array.from(encoder.namedBuffers(), ([name, x]) => [name, x.toArray()]);

describe.each([2, 3, 6, 12])('parts of %d images', (microBatch) => {
  test('without batch statistics: loss and gradients of the whole batch, to 1e-5', () => {
    const [a, b] = [networks(), networks()];
    for (const { encoder, head } of [a, b]) {
      encoder.eval();
      head.eval();
    }
    const loss = whole(b.project);
    expect(Math.abs(inParts(a.project, [a.encoder, a.head], microBatch) - loss)).toBeLessThan(1e-5);
    expect(distance([a.encoder, a.head], [b.encoder, b.head])).toBeLessThan(1e-5);
  });

  test('with them: those of the whole batch in one graph, normalised part by part; statistics are counted once', () => {
    const [a, b] = [networks(), networks()];
    const partwise: Project = (x) =>
      torch.cat(
        Array.from({ length: N / microBatch }, (_, i) => b.project(x.narrow(0, 2 * i * microBatch, 2 * microBatch))),
      );
    const loss = whole(partwise);
    expect(Math.abs(inParts(a.project, [a.encoder, a.head], microBatch) - loss)).toBeLessThan(1e-5);
    expect(distance([a.encoder, a.head], [b.encoder, b.head])).toBeLessThan(1e-5);
    expect(statistics(a.encoder)).toEqual(statistics(b.encoder));
  });
});

test.each(LOSS_NAMES)('%s in parts of 4: loss and gradients of the whole batch, to 1e-5', (name) => {
  const [a, b] = [networks(), networks()];
  for (const network of [a, b].flatMap(({ encoder, head }) => [encoder, head])) network.eval();
  const loss = whole(b.project, name);
  expect(Math.abs(inParts(a.project, [a.encoder, a.head], 4, name) / loss - 1)).toBeLessThan(1e-5);
  expect(distance([a.encoder, a.head], [b.encoder, b.head])).toBeLessThan(2e-5);
});

describe.each(['resnet10_narrow', 'rexnet_100'])('activations that are computed again: %s', (model) => {
  const through = ({ encoder, head }: ReturnType<typeof networks>) =>
    checkpointActivations([...encoder.segments(), (h) => head.forward(h)], [encoder, head]);
  const learn = (microBatch: number, how: typeof through | null) => {
    const made = networks(model);
    // In float64: what is left of a difference is rounding, which ReXNet's batch norms over 24 values make large in float32.
    for (const network of [made.encoder, made.head]) network.to({ dtype: 'float64' });
    const all = views().to('float64');
    const make = (from = 0, count = N) => all.narrow(0, 2 * from, 2 * count);
    const modules = [made.encoder, made.head];
    const options = { microBatch, loss: lossOf({ loss: 'nt-xent', temperature: TEMPERATURE }), networks: modules };
    const loss = cachedLoss(
      { images: N, make },
      how === null ? keepActivations(made.project) : how(made),
      options,
    ).item();
    return { loss, modules, statistics: statistics(made.encoder) };
  };

  test.each([12, 6])('the same loss, gradients and statistics as when they are kept, in parts of %d', (microBatch) => {
    const [again, all] = [learn(microBatch, through), learn(microBatch, null)];
    expect(Math.abs(again.loss - all.loss)).toBeLessThan(1e-12);
    expect(distance(again.modules, all.modules)).toBeLessThan(1e-10);
    expect(again.statistics).toEqual(all.statistics);
  });

  test('segments are what features does', () => {
    const { encoder } = networks(model);
    const x = views();
    const whole = encoder.eval().features(x);
    const one = encoder.segments().reduce((y, segment) => segment(y), x);
    expect(one.toArray()).toEqual(whole.toArray());
    expect(encoder.segments().length).toBeGreaterThan(4);
  });
});

test('what lies between segments is free as soon as its gradient is done', () => {
  const between = 4 * 4 * 1024;
  const weight = torch.ones([1024]);
  weight.requiresGrad = true;
  const held: number[] = [];
  const segment = (x: torch.Tensor) => {
    held.push(torch.liveBytes());
    return x.mul(weight);
  };
  torch.scope(() => {
    const { z, backward } = checkpointActivations(new Array(6).fill(segment), [])(torch.ones([4, 1024]));
    backward(z);
  });
  const [forwards, backwards] = [held.slice(0, 6), held.slice(6)];
  expect(forwards.map((bytes) => bytes - forwards[0]!)).toEqual([0, 1, 2, 3, 4, 5].map((i) => i * between));
  // At the last segment the gradient is still the caller's; one of ours comes when its input goes.
  expect(backwards.map((bytes) => bytes - backwards[0]!)).toEqual([0, 0, 1, 2, 3, 4].map((i) => 0 - i * between));
});

describe('twoview pretrain --micro-batch', () => {
  const root = temporaryFolder();
  const data = join(root, 'pictures');
  const before = process.env.TWOVIEW_DATA;
  beforeAll(async () => {
    process.env.TWOVIEW_DATA = join(root, 'cache');
    await classFolders(join(data, 'train'), ['a', 'b'], 10);
  });
  afterAll(() => {
    if (before === undefined) delete process.env.TWOVIEW_DATA;
    else process.env.TWOVIEW_DATA = before;
    rmSync(root, { recursive: true });
  });
  const trained = async (name: string, microBatch: number, recompute = false) => {
    const out = join(root, name);
    const machine = { precision: 'float32', threads: 1, model: 'resnet10_narrow', stem: 'cifar-half' };
    const settings = {
      ...machine,
      data,
      out,
      microBatch,
      batchSize: 8,
      epochs: 2,
      heldOut: 0,
      warmupEpochs: 0,
      recompute,
    };
    await pretrain(parseConfig(pretrainSchema, settings));
    return readMetrics(out).flatMap(({ loss }) => (typeof loss === 'number' ? [loss] : []));
  };

  test.each([
    ['one part is the whole batch', 8, false],
    ['activations computed again are the same', 0, true],
  ])('%s: the same losses, step by step', async (_, microBatch, recompute) => {
    const name = `${microBatch}${recompute}`;
    const [whole, one] = [await trained(`whole${name}`, 0), await trained(name, microBatch, recompute)];
    expect(whole.length).toBe(4);
    for (const [i, loss] of whole.entries()) expect(Math.abs(one[i]! - loss)).toBeLessThan(1e-4); // four steps at a rate of 0.3 add up
  });
  test('parts that do not divide the batch are refused, with a size that does', async () => {
    await expect(trained('uneven', 3)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: /--micro-batch 2 {2}/,
    });
  });
});

test('rows of NT-Xent add up to it, wherever they are cut', () => {
  const z = torch.randn([10, 8], { generator: new torch.Generator(3) });
  const unit = torch.normalize(z, { dim: 1 });
  const rows = (from: number, count: number) => ntXentRows(unit, { from, count, temperature: 0.5 }).item();
  const loss = ntXent(z.narrow(0, 0, 5), z.narrow(0, 5, 5), { temperature: 0.5 }).item();
  for (const cut of [1, 4, 5, 9]) expect(Math.abs((rows(0, cut) + rows(cut, 10 - cut)) / 10 - loss)).toBeLessThan(1e-6);
});
