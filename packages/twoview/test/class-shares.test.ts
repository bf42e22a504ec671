/** @file Shares of classes by a handful of labels, by the formula in numbers, and what they are worth to the ridge head. */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { classShares, labelWeights } from '../src/evaluate/heads/class-shares.js';
import { ridgeHead } from '../src/evaluate/heads/ridge.js';
import { ridgePath } from '../src/evaluate/heads/ridge-path.js';
import { scaled, scaleOf } from '../src/evaluate/heads/scale.js';

beforeAll(() => torch.load({ threads: 1 }));
const labelsOf = (...counts: number[]) => counts.flatMap((count, label) => Array<number>(count).fill(label));

test('the formula in numbers: 3 and 1 of four labels', () => {
  // Squares of the shares 0.75 and 0.25 sum to 0.625, their distances from 0.5 to 0.125: (1 - 0.625) / (3 x 0.125) = 1.
  expect([...classShares(labelsOf(3, 1)).values()]).toEqual([0.5, 0.5]);
  // Of 12 and 4: (1 - 0.625) / (15 x 0.125) = 0.2, so 0.2 x 0.5 + 0.8 x 0.75 = 0.7.
  const shares = classShares(labelsOf(12, 4));
  expect(shares.get(0)).toBeCloseTo(0.7, 12);
  expect(shares.get(1)).toBeCloseTo(0.3, 12);
});

test('classes of equal counts count alike; a class without a label is left out', () => {
  expect(labelWeights(labelsOf(2, 2, 0, 2))).toEqual(Array(6).fill(1));
  expect(classShares(labelsOf(2, 0, 2))).toEqual(new Map([[0, 0.5], [2, 0.5]])); // biome-ignore format: a table
  expect(labelWeights([5])).toEqual([1]);
});

test('weights are 1 in the mean, and give the classes their shares', () => {
  const labels = labelsOf(7, 2, 1, 5, 0, 3);
  const weights = labelWeights(labels);
  expect(weights.reduce((a, b) => a + b)).toBeCloseTo(labels.length, 12);
  for (const [label, share] of classShares(labels)) {
    const sum = weights.reduce((total, weight, i) => total + (labels[i] === label ? weight : 0), 0);
    expect(sum / labels.length).toBeCloseTo(share, 12);
  }
});

test('many labels of which nine in ten are of one class keep their shares', () => {
  expect(classShares(labelsOf(450, 50)).get(0)).toBeCloseTo(0.9, 2);
});

test('with few labels drawn at random the head is better than one that takes the imbalance for true', () => {
  const [classes, d] = [10, 64];
  const generator = new torch.Generator(5);
  const centres = torch.randn([classes, d], { generator });
  const sample = (labels: number[]) =>
    centres
      .indexSelect(0, torch.tensor(labels, { dtype: 'int64' }))
      .add(torch.randn([labels.length, d], { generator }).mul(2));
  const draw = (count: number): number[] => torch.randint(0, classes, [count], { generator }).tolist();
  const tested = Array.from({ length: 1000 }, (_, i) => i % classes);
  const x = sample(tested);
  const truth = torch.tensor(tested, { dtype: 'int64' });
  const right = (logits: torch.Tensor) => logits.argmax(1).eq(truth).to('float64').mean().item() as number;
  using scale = scaleOf(x);
  const gains = Array.from({ length: 8 }, () => {
    const labels = draw(25);
    const features = sample(labels);
    const given = torch.tensor(labels, { dtype: 'int64' });
    using head = ridgeHead(features, given, { numClasses: classes, scale });
    const y = torch.ops.oneHot(given, classes).to('float64');
    const { weight, bias } = ridgePath(scaled(features, scale).to('float64'), y).at(head.choice.strength * d);
    const plain = torch.ops.linear(scaled(x, scale).to('float64'), weight, bias);
    return right(head.logits(x)) - right(plain);
  });
  expect(Math.min(...gains)).toBeGreaterThan(-0.03);
  expect(gains.reduce((a, b) => a + b) / gains.length).toBeGreaterThan(0.03);
});
