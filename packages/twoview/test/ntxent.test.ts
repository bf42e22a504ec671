import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { ntXent } from '../src/losses/nt-xent.js';

beforeAll(() => torch.load({ threads: 1 }));

const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => sum(a.map((v, i) => v * b[i]!));
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** The poster's equation with plain loops in float64; shares no line with ntXent. z = [...viewsA, ...viewsB]. */
function byDefinition(z: number[][], tau: number): number {
  const e = z.map((a) => z.map((b) => Math.exp(cosine(a, b) / tau)));
  const l = (i: number, j: number) => -Math.log(e[i]![j]! / (sum(e[i]!) - e[i]![i]!));
  return sum(z.map((_, i) => l(i, (i + z.length / 2) % z.length))) / z.length;
}

const normals = (seed: number, shape: [number, number]) =>
  torch.randn(shape, { generator: new torch.Generator(seed), dtype: 'float64' }).toArray() as number[][];

function views(z: number[][], dtype: 'float32' | 'float64') {
  const all = torch.tensor(z, { dtype: 'float64' }).to(dtype);
  all.requiresGrad = true;
  const n = z.length / 2;
  return { all, a: all.narrow(0, 0, n), b: all.narrow(0, n, n) };
}

const lossOf = (z: number[][], temperature: number, dtype: 'float32' | 'float64' = 'float32') => {
  const { a, b } = views(z, dtype);
  return ntXent(a, b, { temperature }).item();
};

// Absolute, since the loss may be near 0. Logits reach 1 / tau = 10, where one float32 step is 9.5e-7.
const ATOL = 1e-5;

test.each([
  [2, 4, 0.1],
  [8, 16, 0.5],
  [32, 128, 1],
])('NT-Xent is the sum on the poster: N = %d, d = %d, tau = %d', (n, d, tau) => {
  const z = normals(n, [2 * n, d]);
  expect(Math.abs(lossOf(z, tau) - byDefinition(z, tau))).toBeLessThan(ATOL);
  expect(Math.abs(lossOf(z, tau, 'float64') - byDefinition(z, tau))).toBeLessThan(1e-12);
});

test("NT-Xent's gradient is the slope of that sum", () => {
  const z = normals(3, [8, 8]);
  const { all, a, b } = views(z, 'float64');
  ntXent(a, b).backward();
  const gradient = all.grad!.toArray() as number[][];
  const h = 1e-4; // central differences are good to about 2e-10 here
  for (let i = 0; i < 8; i++) {
    for (let k = 0; k < 8; k++) {
      const at = (step: number) =>
        byDefinition(
          z.map((row, r) => row.map((v, c) => (r === i && c === k ? v + step : v))),
          0.5,
        );
      expect(Math.abs(gradient[i]![k]! - (at(h) - at(-h)) / (2 * h))).toBeLessThan(1e-8);
    }
  }
});

test('NT-Xent is log(2N - 1), the chance line, when the encoder has collapsed', () => {
  const collapsed = Array.from({ length: 16 }, (_, i) => [1 + i, 2 + 2 * i]); // one direction, N = 8
  expect(Math.abs(lossOf(collapsed, 0.5) - Math.log(15))).toBeLessThan(ATOL);
});

test('NT-Xent refuses what is no pair of views', () => {
  const z = torch.ones([4, 2]);
  expect(() => ntXent(z, torch.ones([3, 2]))).toThrow(expect.objectContaining({ code: 'VIEWS_MISMATCH' }));
  expect(() => ntXent(torch.ones([1, 2]), torch.ones([1, 2]))).toThrow(
    expect.objectContaining({ code: 'VIEWS_MISMATCH' }),
  );
  expect(() => ntXent(z, z, { temperature: 0 })).toThrow(expect.objectContaining({ code: 'TEMPERATURE_RANGE' }));
});
