/** @file kNN against a loop over all pairs. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { type KnnOptions, knn, knnVotes } from '../src/evaluate/knn.js';
import { bankOf } from '../src/evaluate/knn-search.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load());

const [M, N, D, CLASSES] = [120, 40, 9, 5];

function drawn() {
  const generator = new torch.Generator(4);
  return {
    bank: torch.randn([M, D], { generator }).mul(3), // lengths must not matter
    queries: torch.randn([N, D], { generator }),
    labels: torch.randint(0, CLASSES, [M], { generator, dtype: 'int64' }),
  };
}

/** Wu et al. 2018, section 3.4, with plain loops. */
function byDefinition(
  bank: number[][],
  labels: number[],
  queries: number[][],
  { k, temperature, weighted, numClasses }: KnnOptions,
) {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  return queries.map((query) => {
    const nearest = bank
      .map((key, i) => ({ similarity: cosine(query, key), label: labels[i]! }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, k);
    const votes = new Array<number>(numClasses).fill(0);
    for (const { similarity, label } of nearest) votes[label]! += weighted ? Math.exp(similarity / temperature) : 1;
    return votes;
  });
}

test('several settings share one search, and each gets the votes of its own', () => {
  const { bank, queries, labels } = drawn();
  const settings = [
    { k: 7, temperature: 0.5, weighted: true },
    { k: 40, temperature: 0.1, weighted: true },
    { k: 1, temperature: 0.07, weighted: false },
  ];
  for (const searchBy of ['float32', 'int8'] as const) {
    const together = knnVotes(bank, labels, queries, settings, { numClasses: CLASSES, searchBy });
    for (const [i, setting] of settings.entries()) {
      const expected = byDefinition(rowsOf(bank), labels.tolist(), rowsOf(queries), {
        ...setting,
        numClasses: CLASSES,
      });
      const got = rowsOf(together[i]!);
      for (const [row, votes] of expected.entries())
        for (const [c, value] of votes.entries())
          expect(Math.abs(got[row]![c]! / (value || 1) - (value ? 1 : 0))).toBeLessThan(1e-4);
    }
  }
});

describe('sought in 8-bit integers', () => {
  const [bankSize, asked, d, k] = [3000, 200, 64, 50];
  const features = (rows: number, seed: number) =>
    torch
      .randn([rows, d], { generator: new torch.Generator(seed) })
      .add(0.5)
      .relu();
  const near = (bank: torch.Tensor, queries: torch.Tensor, by: 'int8' | 'float32') => {
    const unit = (x: torch.Tensor) => torch.normalize(x, { dim: 1 });
    const { similarity, index } = bankOf(unit(bank), by).nearest(unit(queries), k);
    const order = index.argsort({ dim: 1 });
    return [rowsOf(index.gather(1, order)), rowsOf(similarity.gather(1, order))] as const;
  };

  test('neighbours are the same, and their similarities those of float32', () => {
    const [bank, queries] = [features(bankSize, 1), features(asked, 2)];
    const [index, similarity] = near(bank, queries, 'int8');
    const [expectedIndex, expected] = near(bank, queries, 'float32');
    expect(index).toEqual(expectedIndex);
    for (const [i, row] of similarity.entries()) {
      for (const [j, value] of row.entries()) expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(1e-6);
    }
  });

  test('also where the integers cannot tell thousands of keys apart: those are sought again', () => {
    const queries = features(asked, 2);
    const one = features(1, 3).expand([bankSize, d]);
    const bank = one.add(torch.randn([bankSize, d], { generator: new torch.Generator(4) }).mul(1e-5));
    const odd = torch.cat([bank, torch.eye(d)]); // far away, so that the integers have to span a wide range
    expect(near(odd, queries, 'int8')[0]).toEqual(near(odd, queries, 'float32')[0]);
  });

  test('and representations with many zeros need no second search', () => {
    const unit = (rows: number, seed: number) =>
      torch.normalize(torch.randn([rows, 2048], { generator: new torch.Generator(seed) }).relu(), { dim: 1 });
    // A zero lies 9.7 integers from the mean: nearly all zeros of a key are rounded the same way.
    const [bank, queries] = [unit(20_000, 5), unit(20, 6)];
    const products = torch.profile(() => torch.scope(() => void bankOf(bank, 'int8').nearest(queries, 200)));
    const names = products.map(({ name }) => name);
    expect(names).toContain('aten::_int_mm');
    expect(names).not.toContain('aten::mm');
  });

  test('and the votes are the same', () => {
    const [bank, queries] = [features(bankSize, 1), features(asked, 2)];
    const labels = torch.arange(0, bankSize, { dtype: 'int64' }).remainder(CLASSES);
    const votes = (searchBy: 'int8' | 'float32') =>
      rowsOf(knn(bank, labels, queries, { k, temperature: 0.1, weighted: true, numClasses: CLASSES, searchBy }));
    const expected = votes('float32');
    for (const [i, row] of votes('int8').entries()) {
      for (const [c, value] of row.entries()) expect(Math.abs(value / expected[i]![c]! - 1)).toBeLessThan(1e-5);
    }
  });
});

describe.each([
  { k: 1, temperature: 0.5, weighted: true },
  { k: 10, temperature: 0.5, weighted: true },
  { k: 10, temperature: 0.07, weighted: true },
  { k: 10, temperature: 0.5, weighted: false },
  { k: M, temperature: 0.5, weighted: true },
])('k = $k, temperature $temperature, weighted $weighted', (options) => {
  test('the votes are those of the loop', () => {
    const { bank, labels, queries } = drawn();
    const all = { ...options, numClasses: CLASSES };
    const votes = rowsOf(knn(bank, labels, queries, all));
    const expected = byDefinition(rowsOf(bank), labels.tolist() as number[], rowsOf(queries), all);
    // exp(1 / 0.07) is about 1e6, and float32 has seven digits: relative to the largest vote.
    const most = Math.max(...expected.flat());
    for (const [i, row] of expected.entries()) {
      for (const [c, value] of row.entries()) expect(Math.abs(votes[i]![c]! - value) / most).toBeLessThan(1e-5);
    }
  });
});

test('queries in several blocks vote as one by one', () => {
  // 64 MiB of similarities at once are 256 queries against 2^16 images, so 300 queries are two blocks.
  const generator = new torch.Generator(8);
  // In so many dimensions no two neighbours are equally near: float32 rounds differently in products of other sizes.
  const bank = torch.randn([1 << 16, 16], { generator });
  const labels = torch.arange(0, 1 << 16, { dtype: 'int64' }).remainder(3);
  const queries = torch.randn([300, 16], { generator });
  const options = { k: 3, temperature: 0.5, weighted: false, numClasses: 3 };
  const together = rowsOf(knn(bank, labels, queries, options));
  for (const i of [0, 255, 256, 299]) {
    expect(rowsOf(knn(bank, labels, queries.narrow(0, i, 1), options))).toEqual([together[i]]);
  }
});

test('images without a label have no vote', () => {
  const { bank, labels, queries } = drawn();
  const some = torch.arange(0, M, { dtype: 'int64' }).remainder(3).ne(0);
  const options = { k: 7, temperature: 0.5, weighted: true, numClasses: CLASSES };
  const votes = knn(bank, labels.maskedFill(some.logicalNot(), -1), queries, options);
  const index = some.nonzero().squeeze(1);
  const expected = knn(bank.indexSelect(0, index), labels.indexSelect(0, index), queries, options);
  expect(rowsOf(votes)).toEqual(rowsOf(expected));
});

test('more neighbours than images are refused', () => {
  const { bank, labels, queries } = drawn();
  const options = { k: M + 1, temperature: 0.5, weighted: true, numClasses: CLASSES };
  expect(() => knn(bank, labels, queries, options)).toThrow(/121 neighbours of 120 labelled[\s\S]*BATCH_TOO_LARGE/);
});

test('nothing is left behind but the votes', () => {
  const { bank, labels, queries } = drawn();
  const before = torch.liveTensors();
  const votes = knn(bank, labels, queries, { k: 5, temperature: 0.5, weighted: true, numClasses: CLASSES });
  expect(torch.liveTensors()).toBe(before + 1);
  votes.dispose();
});
