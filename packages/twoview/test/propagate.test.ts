/** @file Spreading labels over a graph against its definition: all edges in plain loops, and the dense inverse. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { neighbourGraph } from '../src/evaluate/heads/graph.js';
import { propagate, solve } from '../src/evaluate/heads/propagate.js';
import { propagatedHead } from '../src/evaluate/heads/propagated.js';
import { scaleOf } from '../src/evaluate/heads/scale.js';
import { farthest, solved } from './plain-algebra.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const [N, D, CLASSES] = [30, 6, 3];
const OPTIONS = { k: 4, gamma: 3 };

function features(seed = 1): torch.Tensor {
  const generator = new torch.Generator(seed);
  const kinds = torch.arange(N, { dtype: 'int64' }).remainder(CLASSES);
  const centres = torch.randn([CLASSES, D], { generator }).mul(2);
  return centres.indexSelect(0, kinds).add(torch.randn([N, D], { generator }));
}

/** D^-1/2 (A + A^T) D^-1/2, by its definition. */
function dense(rows: number[][], { k, gamma }: typeof OPTIONS): number[][] {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const a = rows.map((row, i) => {
    const others = rows.map((other, j) => ({ j, cos: cosine(row, other) })).filter(({ j }) => j !== i);
    const near = others.sort((x, y) => y.cos - x.cos).slice(0, k);
    return rows.map((_, j) => {
      const edge = near.find((one) => one.j === j);
      return edge === undefined ? 0 : Math.max(edge.cos, 0) ** gamma;
    });
  });
  const w = a.map((row, i) => row.map((value, j) => value + a[j]![i]!));
  const degree = w.map((row) => row.reduce((sum, value) => sum + value, 0));
  return w.map((row, i) => row.map((value, j) => (value === 0 ? 0 : value / Math.sqrt(degree[i]! * degree[j]!))));
}

const labelled = [0, 1, 2, 10, 17];
const labelsOf = () => {
  const labels = torch.full([N], -1, { dtype: 'int64' });
  for (const i of labelled) labels.indexPut_([i], i % CLASSES);
  return labels;
};

test('a product with the graph is that of its definition', () => {
  using graph = neighbourGraph(features(), OPTIONS);
  const s = dense(rowsOf(features()), OPTIONS);
  expect(farthest(rowsOf(graph.product(torch.eye(N))), s)).toBeLessThan(1e-6);
});

test.each([0.5, 0.99])('alpha %d: conjugate gradients find (I - alpha S)^-1 Y', (alpha) => {
  using graph = neighbourGraph(features(), OPTIONS);
  const s = dense(rowsOf(features()), OPTIONS);
  const matrix = s.map((row, i) => row.map((value, j) => Number(i === j) - alpha * value));
  const y = torch.randn([N, CLASSES], { generator: new torch.Generator(3) });
  const expected = solved(matrix, rowsOf(y));
  const { z, steps } = solve(graph, y, alpha);
  // Residuals are within 1e-5 of Y's size, and the inverse multiplies them by at most 1 / (1 - alpha).
  expect(farthest(rowsOf(z), expected)).toBeLessThan((1e-5 * Math.sqrt(N) * 2) / (1 - alpha));
  expect(steps).toBeLessThan(3 * N);
});

describe('labels that were spread', () => {
  test('are shares of the classes, weighed by how sure they are', () => {
    using graph = neighbourGraph(features(), OPTIONS);
    const { targets, certainty } = propagate(graph, labelsOf(), { numClasses: CLASSES, alpha: 0.9 });
    const s = dense(rowsOf(features()), OPTIONS);
    const matrix = s.map((row, i) => row.map((value, j) => Number(i === j) - 0.9 * value));
    const y = Array.from({ length: N }, (_, i) =>
      [0, 1, 2].map((c) => Number(labelled.includes(i) && i % CLASSES === c)),
    );
    const z = solved(matrix, y);
    const expected = z.map((row, i) => {
      const total = row.reduce((a, b) => a + b);
      return labelled.includes(i) ? y[i]! : row.map((value) => value / total);
    });
    expect(farthest(rowsOf(targets), expected)).toBeLessThan(1e-4);
    const sure = expected.map(
      (row) => 1 + row.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0) / Math.log(CLASSES),
    );
    expect(farthest([certainty.tolist()], [sure])).toBeLessThan(1e-4);
  });

  test('do not reach what no edge leads to: all classes alike, and it does not count', () => {
    const apart = torch.cat([torch.eye(4).narrow(0, 0, 2).repeat(2, 1), torch.eye(4).narrow(0, 2, 1).repeat(2, 1)]);
    using graph = neighbourGraph(apart, { k: 1, gamma: 3 });
    const labels = torch.tensor([0, 1, -1, -1, -1, -1], { dtype: 'int64' });
    const { targets, certainty } = propagate(graph, labels, { numClasses: 2, alpha: 0.9 });
    expect(rowsOf(targets)).toEqual([[1, 0], [0, 1], [1, 0], [0, 1], [0.5, 0.5], [0.5, 0.5]]); // biome-ignore format: a table
    const sure = certainty.tolist() as number[];
    for (const [i, value] of [1, 1, 1, 1, 0, 0].entries()) expect(sure[i]).toBeCloseTo(value, 6);
  });
});

test('no more neighbours than there are others', () => {
  using graph = neighbourGraph(features().narrow(0, 0, 3), { k: 50, gamma: 3 });
  expect(graph.k).toBe(2);
});

describe('the head', () => {
  const fit = (x: torch.Tensor) => {
    using graph = neighbourGraph(x, OPTIONS);
    using scale = scaleOf(x);
    const known = Array.from({ length: 12 }, (_, i) => i);
    const labels = torch.tensor(
      known.map((i) => i % CLASSES),
      { dtype: 'int64' },
    );
    return propagatedHead(x, known, labels, { numClasses: CLASSES, seed: 0, alpha: 0.9, scale, graph });
  };

  test('names the kinds of the unlabelled images', () => {
    using head = fit(features());
    const right = (head.logits(features()).argmax({ dim: 1 }).tolist() as number[]).filter((c, i) => c === i % CLASSES);
    expect(right.length / N).toBeGreaterThan(0.9);
    expect(head.choice.by).toBe('4 folds');
  });

  test('leaves nothing behind', () => {
    const x = features();
    const before = torch.liveTensors();
    const live = () => torch.liveTensors() - before;
    fit(x)[Symbol.dispose]();
    expect(live()).toBeLessThanOrEqual(1); // the labels, which the garbage collector takes
  });
});
