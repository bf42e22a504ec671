/** @file The ResNets equal torchvision's and the ReXNets timm's: keys, outputs, gradients, running statistics. Fixtures: scripts/make-model-fixtures.py. */
import { readFileSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { createModel, type Encoder } from '../src/models/create-model.js';

beforeAll(() => torch.load());

interface Fixture {
  model: string;
  stem: 'cifar' | 'imagenet';
  size: number;
  keys: string[];
  parameters: number;
  logits: number[];
  features: number[];
  trainLogits: number[];
  loss: number;
  /** Of each parameter's gradient: its length, and its product with a wave. */
  gradients: Record<string, [norm: number, product: number]>;
  /** The first values of each. */
  running: Record<string, number[]>;
  initialisation: Record<string, [mean: number, std: number]>;
}
const fixtures: Fixture[] = JSON.parse(readFileSync(new URL('./fixtures/models.json', import.meta.url), 'utf8'));

/** The formula of the script, in float64. */
function wave(count: number, step: number, phase: number): torch.Tensor {
  const i = torch.arange(0, count, { dtype: 'float64' });
  return i.mul(i).mul(1e-3).mul(step).add(i.mul(step)).add(phase).sin();
}

function fill(model: Encoder) {
  for (const [k, [name, tensor]] of Object.entries(model.stateDict()).entries()) {
    if (tensor.dtype === 'int64') continue;
    const inner = tensor.shape.slice(1).reduce((a, b) => a * b, 1);
    const scaled = (x: torch.Tensor) => {
      if (name.endsWith('running_var')) return x.mul(0.3).add(1);
      if (tensor.shape.length > 1) return x.mul(Math.sqrt(2 / inner));
      return name.endsWith('weight') ? x.mul(0.2).add(1) : x.mul(0.1);
    };
    torch.scope(() =>
      torch.noGrad(() => {
        const values = scaled(wave(tensor.numel(), 0.7 + 0.01 * (k % 7), 0.1 * k));
        tensor.copy_(values.reshape([...tensor.shape]));
      }),
    );
  }
}

const images = (count: number, size: number) => wave(count * 3 * size * size, 0.31, 0).reshape([count, 3, size, size]);

/** Largest difference over the largest expected value. */
function relativeError(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / scale;
}

describe.each(fixtures)('$model with $stem stem', (fixture) => {
  test('has the peer’s keys and parameter count', () => {
    const model = createModel(fixture.model, { numClasses: 10, stem: fixture.stem });
    expect(Object.keys(model.stateDict())).toEqual(fixture.keys);
    expect(model.parameters().reduce((sum, p) => sum + p.numel(), 0)).toBe(fixture.parameters);
    model.dispose();
  });

  test('logits, features, gradients and running statistics are equal to 1e-9 in float64', () => {
    torch.scope(() => {
      const model = createModel(fixture.model, { numClasses: 10, stem: fixture.stem });
      model.to({ dtype: 'float64' }); // float32 would hide small mistakes behind rounding
      fill(model);
      const x = images(3, fixture.size);
      model.eval();
      const [logits, h] = torch.noGrad(() => [model.forward(x), model.features(x)] as const);
      expect(relativeError(logits.flatten().tolist(), fixture.logits)).toBeLessThan(1e-9);
      const every37th = h.slice(1, 0, undefined, 37).flatten().tolist();
      expect(relativeError(every37th, fixture.features)).toBeLessThan(1e-9);

      model.train();
      for (const module of model.modules()) if (module instanceof torch.nn.Dropout) module.eval(); // as in the fixture
      const out = model.forward(x);
      const loss = torch.crossEntropy(out, torch.tensor([1, 5, 9], { dtype: 'int64' }));
      loss.backward();
      expect(relativeError(out.flatten().tolist(), fixture.trainLogits)).toBeLessThan(1e-9);
      expect(Math.abs(loss.item() - fixture.loss) / fixture.loss).toBeLessThan(1e-9);
      for (const [key, parameter] of model.namedParameters()) {
        const gradient = parameter.grad!.flatten();
        const [norm, product] = fixture.gradients[key]!;
        expect(Math.abs(gradient.norm().item() - norm), key).toBeLessThan(1e-7 * norm + 1e-9);
        const towards = gradient
          .mul(wave(gradient.numel(), 0.9, 0.5))
          .sum()
          .item();
        expect(Math.abs(towards - product), key).toBeLessThan(1e-7 * norm * Math.sqrt(gradient.numel()) + 1e-9);
      }
      const state = model.stateDict();
      for (const [key, expected] of Object.entries(fixture.running)) {
        expect(relativeError(state[key]!.tolist().slice(0, 2), expected), key).toBeLessThan(1e-9);
      }
      model.dispose();
    });
  });

  test('initialisation has the peer’s mean and deviation', () => {
    if (fixture.stem === 'cifar') return; // the fixture is of the whole network with its own stem
    const model = createModel(fixture.model, { numClasses: 10, stem: 'imagenet', generator: new torch.Generator(1) });
    for (const [key, [mean, std]] of Object.entries(fixture.initialisation)) {
      const tensor = model.stateDict()[key]!;
      const standardError = std / Math.sqrt(tensor.numel());
      expect(Math.abs(tensor.mean().item() - mean), key).toBeLessThanOrEqual(6 * standardError);
      if (std > 0) expect(Math.abs(tensor.std().item() / std - 1), key).toBeLessThan(6 / Math.sqrt(tensor.numel()));
    }
    model.dispose();
  });
});

describe('published parameter counts with 1000 classes', () => {
  test.each([
    ['resnet18', 11_689_512],
    ['resnet34', 21_797_672],
    ['resnet50', 25_557_032],
    ['resnet101', 44_549_160],
    ['rexnet_100', 4_796_873],
    ['rexnet_130', 7_557_091],
    ['rexnet_150', 9_728_593],
    ['rexnet_200', 16_366_620],
    ['rexnet_300', 34_708_792],
  ])('%s', (name, parameters) => {
    const model = createModel(name, { numClasses: 1000, stem: 'imagenet' });
    expect(model.parameters().reduce((sum, p) => sum + p.numel(), 0)).toBe(parameters);
    model.dispose();
  });
});
