/** @file What learns in a fine-tuning and what does not, the mean of weights, and mixup, against definitions written out. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { type FinetuneConfig, finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { WeightAverage } from '../src/finetune/average.js';
import { mixup } from '../src/finetune/mixup.js';
import { parameterGroups, startTraining } from '../src/finetune/trainable.js';
import { createModel, type Encoder } from '../src/models/create-model.js';
import { isClassifier } from '../src/models/weights.js';
import { draws } from '../src/runs/random.js';

beforeAll(() => torch.load());

const config = (more: object = {}): FinetuneConfig => parseConfig(finetuneSchema, { data: 'd', out: 'o', ...more });

/** Keys of parameters and running statistics that a step of training changes. */
function changedBy(model: Encoder, settings: FinetuneConfig): string[] {
  return torch.scope(() => {
    startTraining(model, settings);
    const before = new Map(Object.entries(model.stateDict()).map(([key, tensor]) => [key, tensor.detach().clone()]));
    const optimizer = new torch.optim.SGD(parameterGroups(model, settings), { lr: 0.1 });
    const x = torch.randn([4, 3, 16, 16], { generator: new torch.Generator(1) });
    torch.crossEntropy(model.forward(x), torch.tensor([0, 1, 2, 0], { dtype: 'int64' })).backward();
    optimizer.step();
    optimizer.dispose();
    return Object.entries(model.stateDict())
      .filter(([key, tensor]) => tensor.ne(before.get(key)!).any().item() !== 0)
      .map(([key]) => key);
  });
}

const isStatistic = (key: string) => /running_|num_batches/.test(key);

describe.each(['resnet10_narrow', 'rexnet_100'])('%s', (name) => {
  const fresh = () => createModel(name, { numClasses: 3, generator: new torch.Generator(0) });

  test('every parameter has a stage, from the first layers to the last', () => {
    const model = fresh();
    const keys = Array.from(model.namedParameters(), ([key]) => key).filter((key) => !isClassifier(key));
    const stages = keys.map((key) => model.stageOf(key));
    expect(stages.toSorted((a, b) => a - b)).toEqual(stages); // the order of the layers
    expect([...new Set(stages)]).toEqual(Array.from({ length: model.stages }, (_, stage) => stage));
    model.dispose();
  });

  test('all of it learns, unless something else is said', () => {
    const model = fresh();
    expect(changedBy(model, config())).toEqual(Object.keys(model.stateDict()));
    model.dispose();
  });

  test('the last stage alone', () => {
    const model = fresh();
    const changed = changedBy(model, config({ trainable: 'last-stage' }));
    const expected = Object.keys(model.stateDict()).filter(
      (key) => isClassifier(key) || model.stageOf(key) === model.stages - 1,
    );
    expect(changed).toEqual(expected);
    model.dispose();
  });

  test('the classifier alone', () => {
    const model = fresh();
    expect(changedBy(model, config({ trainable: 'classifier' })).every(isClassifier)).toBe(true);
    model.dispose();
  });

  test('frozen batch norms keep their statistics while weights learn', () => {
    const model = fresh();
    const changed = changedBy(model, config({ batchNorm: 'frozen' }));
    expect(changed.filter(isStatistic)).toEqual([]);
    expect(changed).toEqual(Object.keys(model.stateDict()).filter((key) => !isStatistic(key)));
    model.dispose();
  });

  test('each stage moves at a share of the one above, the classifier at the full rate; norms and biases do not decay', () => {
    const model = fresh();
    const groups = parameterGroups(model, config({ backboneLr: 0.5, layerDecay: 0.1, weightDecay: 0.3 }));
    for (const { parameters, lrScale, weightDecay } of groups) {
      for (const [key, tensor] of parameters) {
        const expected = isClassifier(key) ? 1 : 0.5 * 0.1 ** (model.stages - 1 - model.stageOf(key));
        expect(lrScale, key).toBeCloseTo(expected, 12);
        expect(weightDecay, key).toBe(tensor.ndim > 1 ? 0.3 : 0);
      }
    }
    const count = groups.reduce((sum, { parameters }) => sum + parameters.length, 0);
    expect(count).toBe(model.parameters().length);
    model.dispose();
  });
});

describe('mean of weights', () => {
  const values = [3, 8, -1, 5, 10, 2];
  const run = (decay: number, from?: { state: Record<string, torch.Tensor>; steps: number }) => {
    const model = new torch.nn.Linear(1, 1, { bias: false });
    const average = new WeightAverage(model, decay);
    if (from !== undefined) average.loadStateDict(from.state, from.steps);
    return { model, average };
  };
  const set = (model: torch.nn.Linear, value: number) => torch.noGrad(() => void model.weight.fill_(value));

  test('plain while there are few steps, then exponential', () => {
    const { model, average } = run(0.75);
    let expected = 0;
    for (const [i, value] of values.entries()) {
      set(model, value);
      average.update();
      expected += Math.max(0.25, 1 / (i + 1)) * (value - expected);
    }
    average.intoModel();
    expect(model.weight.item()).toBeCloseTo(expected, 6);
  });

  test('goes on from a saved state as if it had not stopped', () => {
    const [whole, first] = [run(0.9), run(0.9)];
    for (const value of values) {
      set(whole.model, value);
      whole.average.update();
    }
    for (const value of values.slice(0, 3)) {
      set(first.model, value);
      first.average.update();
    }
    const second = run(0.9, { state: first.average.stateDict(), steps: 3 });
    for (const value of values.slice(3)) {
      set(second.model, value);
      second.average.update();
    }
    expect(second.average.stateDict().weight!.item()).toBe(whole.average.stateDict().weight!.item());
  });

  test('nothing is put in before the first step', () => {
    const { model, average } = run(0.9);
    set(model, 7);
    average.intoModel();
    expect(model.weight.item()).toBe(7);
  });
});

describe('mixup', () => {
  const batch = () =>
    [torch.arange(0, 6, { dtype: 'float32' }).reshape([6, 1, 1, 1]), torch.arange(0, 6, { dtype: 'int64' })] as const;

  test('an image and its partner stand in the share that is told', () => {
    const [x, y] = batch();
    const { x: mixed, partner, share } = mixup(x, y, 0.4, new torch.Generator(5), draws(0, 'mixup', 5, { count: 6 }));
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    expect(partner.tolist().toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [i, value] of mixed.flatten().tolist().entries()) {
      expect(value).toBeCloseTo(share * i + (1 - share) * partner.tolist()[i]!, 5);
    }
  });

  test('shares follow Beta(alpha, alpha): mean 1/2, variance 1 / (4 (2 alpha + 1))', () => {
    const alpha = 0.4;
    const [x, y] = batch();
    const shares = Array.from({ length: 4000 }, (_, i) => {
      const {
        x: mixed,
        partner,
        share,
      } = mixup(x, y, alpha, new torch.Generator(i), draws(0, 'mixup', i, { count: 6 }));
      mixed.dispose();
      partner.dispose();
      return share;
    });
    const mean = shares.reduce((a, b) => a + b) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    const expected = 1 / (4 * (2 * alpha + 1));
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(expected / shares.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.1);
  });
});
