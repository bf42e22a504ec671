/** @file Each loss against its paper's formula in plain loops of float64, and its gradient against that formula's slope. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { LOSS_NAMES, type LossName } from '../src/config/pretrain.js';
import { lossOf } from '../src/losses/by-name.js';

beforeAll(() => torch.load({ threads: 1 }));

type Rows = number[][];
const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);
const mean = (x: number[]) => sum(x) / x.length;
const dot = (a: number[], b: number[]) => sum(a.map((v, i) => v * b[i]!));
const column = (x: Rows, j: number) => x.map((row) => row[j]!);

/** Of views i and k of [...a, ...b], exp(cosine / tau). */
function affinities(a: Rows, b: Rows, tau: number): Rows {
  const z = [...a, ...b];
  const cosine = (x: number[], y: number[]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  return z.map((x) => z.map((y) => Math.exp(cosine(x, y) / tau)));
}

/** -log of what `wanted` views have of what `all` have, averaged over views; i is told its partner's place. */
function overViews(e: Rows, wanted: (i: number, k: number) => boolean, all: (i: number, k: number) => boolean): number {
  return mean(
    e.map((row, i) => {
      const part = (belongs: (i: number, k: number) => boolean) => sum(row.filter((_, k) => k !== i && belongs(i, k)));
      return -Math.log(part(wanted) / part(all));
    }),
  );
}

const partner = (n: number) => (i: number, k: number) => k === (i + n) % (2 * n);
const LABELS = [0, 1, -1, 0, -1, 2, 1, 0];

/** Mean 0 and deviation 1 of each column, with batch norm's epsilon. */
function standardised(x: Rows): Rows {
  const [m, v] = [0, 1].map((_, which) =>
    x[0]!.map((__, j) => {
      const c = column(x, j);
      return which === 0 ? mean(c) : mean(c.map((value) => (value - mean(c)) ** 2));
    }),
  );
  return x.map((row) => row.map((value, j) => (value - m![j]!) / Math.sqrt(v![j]! + 1e-5)));
}

function covariance(x: Rows): Rows {
  const centred = x[0]!.map((_, j) => column(x, j).map((value) => value - mean(column(x, j))));
  return centred.map((a) => centred.map((b) => dot(a, b) / (x.length - 1)));
}

const offDiagonal = (c: Rows) => sum(c.flatMap((row, i) => row.filter((_, j) => j !== i).map((value) => value ** 2)));

const DEFINITIONS: Record<LossName, (a: Rows, b: Rows, tau: number) => number> = {
  'nt-xent': (a, b, tau) => overViews(affinities(a, b, tau), partner(a.length), () => true),
  decoupled: (a, b, tau) => {
    const is = partner(a.length);
    return overViews(affinities(a, b, tau), is, (i, k) => !is(i, k));
  },
  suncet: (a, b, tau) => {
    const n = a.length;
    const alike = (i: number, k: number) => LABELS[i % n]! >= 0 && LABELS[i % n] === LABELS[k % n];
    return overViews(
      affinities(a, b, tau),
      (i, k) => partner(n)(i, k) || alike(i, k),
      () => true,
    );
  },
  'barlow-twins': (a, b) => {
    const [x, y] = [standardised(a), standardised(b)];
    const c = x[0]!.map((_, i) => y[0]!.map((__, j) => dot(column(x, i), column(y, j)) / x.length));
    return sum(c.map((row, i) => (1 - row[i]!) ** 2)) + 0.0051 * offDiagonal(c);
  },
  vicreg: (a, b) => {
    const hinge = (x: Rows) => mean(covariance(x).map((row, j) => Math.max(0, 1 - Math.sqrt(row[j]! + 1e-4))));
    const apart = mean(a.flatMap((row, i) => row.map((value, j) => (value - b[i]![j]!) ** 2)));
    const together = (x: Rows) => offDiagonal(covariance(x)) / x[0]!.length;
    return 25 * apart + (25 * (hinge(a) + hinge(b))) / 2 + together(a) + together(b);
  },
};

const N = LABELS.length;
const D = 5;
const normals = (seed: number): Rows =>
  torch.scope(() =>
    torch
      .randn([2 * N, D], { generator: new torch.Generator(seed), dtype: 'float64' })
      .mul(0.8)
      .toArray(),
  ) as Rows;
const labels = () => torch.tensor(LABELS, { dtype: 'int64' });

describe.each(LOSS_NAMES)('%s', (name) => {
  const loss = lossOf({ loss: name, temperature: 0.3 });
  const ours = (z: Rows, dtype: 'float32' | 'float64') =>
    torch.scope(() => {
      const all = torch.tensor(z, { dtype: 'float64' }).to(dtype);
      return loss.of(all.narrow(0, 0, N), all.narrow(0, N, N), labels()).item();
    });
  const byDefinition = (z: Rows) => DEFINITIONS[name](z.slice(0, N), z.slice(N), 0.3);

  test.each([1, 2, 3])('is its formula (seed %d)', (seed) => {
    const z = normals(seed);
    expect(Math.abs(ours(z, 'float64') / byDefinition(z) - 1)).toBeLessThan(1e-12);
    expect(Math.abs(ours(z, 'float32') / byDefinition(z) - 1)).toBeLessThan(1e-5);
  });

  test('its gradient is the slope of that formula', () => {
    const z = normals(4);
    const all = torch.tensor(z, { dtype: 'float64' });
    all.requiresGrad = true;
    torch.scope(() => loss.of(all.narrow(0, 0, N), all.narrow(0, N, N), labels()).backward());
    const gradient = all.grad!.toArray() as Rows;
    const h = 1e-5;
    for (let i = 0; i < 2 * N; i++) {
      for (let j = 0; j < D; j++) {
        const at = (step: number) =>
          byDefinition(z.map((row, r) => row.map((value, c) => (r === i && c === j ? value + step : value))));
        const slope = (at(h) - at(-h)) / (2 * h);
        expect(Math.abs(gradient[i]![j]! - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
      }
    }
  });

  test('of equal projections it is what is printed as chance', () => {
    const n = 16;
    const equal = torch.ones([n, D]);
    const chance = loss.collapsed(n);
    if (chance !== null) expect(loss.of(equal, equal, null).item()).toBeCloseTo(chance, 5);
    expect(chance === null).toBe(!['nt-xent', 'decoupled'].includes(name));
  });

  test('projections of other shapes are refused', () => {
    const [two, three] = [torch.ones([2, D]), torch.ones([3, D])];
    const refused = expect.objectContaining({ code: 'VIEWS_MISMATCH' });
    expect(() => loss.of(two, three, torch.zeros([2], { dtype: 'int64' }))).toThrow(refused);
  });
});

test.each(['nt-xent', 'decoupled', 'suncet'] as const)('%s refuses a temperature of 0', (name) => {
  const z = torch.ones([N, D]);
  expect(() => lossOf({ loss: name, temperature: 0 }).of(z, z, labels())).toThrow(
    expect.objectContaining({ code: 'TEMPERATURE_RANGE' }),
  );
});

test('the temperature of its paper is what auto is', () => {
  const found = LOSS_NAMES.map((loss) => lossOf({ loss, temperature: 'auto' }).temperature);
  expect(found).toEqual([0.5, 0.1, 0.1, null, null]);
});
