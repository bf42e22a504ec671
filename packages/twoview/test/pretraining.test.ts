/**
 * @file Twenty steps of the whole pre-training loop give PyTorch's losses, from the same weights and the same views.
 * scripts/make-pretraining-fixtures.py says how PyTorch's came about. Weights, views and kNN alone are replaced here; schedule, loss,
 * backward pass, groups of parameters and optimizers are those of every run.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, expect, test, vi } from 'vitest';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { ResNet } from '../src/models/resnet.js';
import type { Owned } from '../src/runs/owned.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';
import { projectionHead } from '../src/ssl/projection-head.js';
import { temporaryFolder } from './pictures.js';

type DType = 'float32' | 'float64';

interface Fixture {
  images: number;
  /** Pixels of a side. */
  size: number;
  epochs: number;
  stepsPerEpoch: number;
  warmupEpochs: number;
  temperature: number;
  momentum: number;
  /** Channels of the first stage. */
  width: number;
  projectionSize: number;
  viewsSeed: number;
  runs: Record<'sgd' | 'lars' | 'adamw', { lr: number; weightDecay: number } & Record<DType, number[]>>;
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/pretraining.json', import.meta.url), 'utf8')) as Fixture;
const { images, size, epochs, stepsPerEpoch, warmupEpochs, temperature, momentum, width, projectionSize } = fixture;
const STEPS = epochs * stepsPerEpoch;
/** Each side of an image is cut into this many squares. */
const SQUARES = 4;

/** PyTorch's own two precisions are 6e-7 apart here, and in float64 nothing but the order of sums differs. */
const TOLERANCE = { float32: 1e-5, float64: 1e-9 } as const;

let dtype: DType = 'float32';
const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));

vi.mock('../src/ssl/networks.js', async (original) => ({
  ...(await original<object>()),
  initialNetworks: (_config: unknown, owned: Owned) => networks(owned),
}));
vi.mock('../src/ssl/batch-views.js', async (original) => ({
  ...(await original<object>()),
  batchViews: (_setting: unknown, _source: unknown, _indices: unknown, { step }: { step: number }) => ({
    images,
    make: (from = 0, count = images) => viewsOf(step).narrow(0, 2 * from, 2 * count),
  }),
}));
// It would show float32 images to a float64 network.
vi.mock('../src/ssl/monitor.js', async (original) => ({
  ...(await original<object>()),
  monitor: async () => ({}),
}));

/** Park and Miller's minimal standard generator, from 1 to 2^31 - 2. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (16807 * state) % 2147483647;
    return state;
  };
}

function networks(owned: Owned) {
  const encoder = owned.add(new ResNet('basic', [1, 1, 1], { numClasses: 0, stem: 'cifar-half', width }));
  const head = owned.add(projectionHead(encoder.featureSize, { outputs: projectionSize }));
  const next = lehmer(1);
  for (const [name, tensor] of [...encoder.namedParameters(), ...head.namedParameters()]) {
    const unit = Float32Array.from({ length: tensor.numel() }, () =>
      weight(name, tensor, (next() / 2147483647) * 2 - 1),
    );
    torch.scope(() => torch.noGrad(() => tensor.copy_(torch.tensor(unit, { shape: tensor.shape }))));
  }
  encoder.to({ dtype });
  head.to({ dtype });
  return { encoder, head };
}

/** @param unit from -1 to 1 */
function weight(name: string, { ndim, shape }: torch.Tensor, unit: number): number {
  if (ndim > 1) return unit * Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
  return name.endsWith('weight') ? 1 + 0.2 * unit : 2 + 0.1 * unit;
}

/** Of each step the bytes of the coarse squares of its images, and those of the noise of its views. */
const bytes = (() => {
  const next = lehmer(fixture.viewsSeed);
  const list = (length: number) => Float64Array.from({ length }, () => next() % 256);
  return Array.from({ length: STEPS }, () => ({
    coarse: list(images * 3 * SQUARES ** 2),
    noise: list(images * 2 * 3 * size ** 2),
  }));
})();

/** @returns [2N, 3, S, S], two views of each image one after the other */
function viewsOf(step: number): torch.Tensor {
  const { coarse, noise } = bytes[step]!;
  const side = size / SQUARES;
  const squares = torch.tensor(coarse, { shape: [images, 1, 3, SQUARES, 1, SQUARES, 1], dtype: 'float64' });
  const pixels = torch.tensor(noise, { shape: [images, 2, 3, SQUARES, side, SQUARES, side], dtype: 'float64' });
  return squares
    .mul(3)
    .add(pixels)
    .div(512)
    .sub(1)
    .reshape([2 * images, 3, size, size])
    .to(dtype);
}

test.each([
  ['sgd', 'float32', {}],
  ['sgd', 'float64', {}],
  ['sgd', 'float64', { recompute: true }],
  ['lars', 'float32', {}],
  ['lars', 'float64', {}],
  ['adamw', 'float32', {}],
  ['adamw', 'float64', {}],
] as const)("pre-training gives PyTorch's losses: %s, %s, %o", async (optimizer, precision, more) => {
  dtype = precision;
  const { lr, weightDecay, [precision]: wanted } = fixture.runs[optimizer];
  const config = parseConfig(pretrainSchema, {
    ...{ data: 'shapes', device: 'cpu', threads: 1, precision: 'float32', heldOut: 0, limit: images * stepsPerEpoch },
    ...{ batchSize: images, epochs, warmupEpochs, temperature, momentum, optimizer, lr, weightDecay, ...more },
    out: join(root, [optimizer, precision, ...Object.keys(more)].join('-')),
  });
  const losses: number[] = [];
  await pretrainSimclr(config, { onEvent: (event) => event.type === 'step' && losses.push(event.loss) });
  expect(losses).toHaveLength(STEPS);
  const apart = losses.map((loss, step) => Math.abs(loss - wanted[step]!) / wanted[step]!);
  expect(Math.max(...apart)).toBeLessThan(TOLERANCE[precision]);
});
