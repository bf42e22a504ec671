/** @file L-BFGS finds minima that are known, in few steps, and leaves no tensors behind. */
import { beforeAll, describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';

beforeAll(() => torch.load());

/** An objective from a formula that autograd differentiates. */
const objective = (formula: (x: torch.Tensor) => torch.Tensor) => (at: torch.Tensor) => {
  const leaf = at.detach().requiresGrad_();
  const value = torch.scope(() => {
    const y = formula(leaf);
    y.backward();
    return y.item();
  });
  return { value, gradient: leaf.grad! };
};
const double = (values: number[]) => torch.tensor(values, { dtype: 'float64' });

describe('lbfgs', () => {
  test('a badly scaled quadratic', () => {
    const scale = double([1, 10, 100, 1000, 1e4]);
    const centre = double([3, -1, 4, 1, -5]);
    const x = double([0, 0, 0, 0, 0]);
    const result = torch.optim.lbfgs(
      objective((y) => y.sub(centre).square().mul(scale).sum()),
      x,
      { iterations: 100, tolerance: 1e-9 },
    );
    expect(result.ended).toBe('tolerance');
    expect(result.iterations).toBeLessThan(60);
    for (const [i, value] of x.tolist().entries()) expect(value).toBeCloseTo(centre.tolist()[i]!, 9);
  });

  test('the valley of Rosenbrock', () => {
    const x = double([-1.2, 1]);
    const result = torch.optim.lbfgs(
      objective((y) => {
        const [a, b] = [y.select(0, 0), y.select(0, 1)];
        return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square());
      }),
      x,
      { iterations: 200, tolerance: 1e-8 },
    );
    expect(result.ended).toBe('tolerance');
    expect(x.tolist()[0]).toBeCloseTo(1, 7);
    expect(x.tolist()[1]).toBeCloseTo(1, 7);
    expect(result.iterations).toBeLessThan(60);
  });

  test('ends where the number format allows no lower value, and says so', () => {
    const x = torch.tensor([10.5]);
    const result = torch.optim.lbfgs(
      objective((y) =>
        y
          .sub(1 / 3)
          .pow(4)
          .add(1e6)
          .sum(),
      ),
      x,
      { iterations: 100, tolerance: 1e-12 },
    );
    expect(result.ended).toBe('rounding');
    expect(result.iterations).toBeLessThan(100);
    expect(Math.abs(x.item())).toBeLessThan(2);
  });

  test('a start at the minimum is left as it is', () => {
    const x = double([2, 2]);
    const result = torch.optim.lbfgs(
      objective((y) => y.sub(2).square().sum()),
      x,
      { iterations: 10 },
    );
    expect(result).toEqual({ value: 0, iterations: 0, gradient: 0, ended: 'tolerance' });
    expect(x.tolist()).toEqual([2, 2]);
  });

  test('leaves no tensors behind', () => {
    const x = double([5, 5, 5]);
    const before = torch.liveTensors();
    torch.optim.lbfgs(
      objective((y) => y.pow(4).sum()),
      x,
      { iterations: 30 },
    );
    expect(torch.liveTensors()).toBe(before);
  });
});
