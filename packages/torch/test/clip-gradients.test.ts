/** @file Clipped gradients against their definition. Source: torch.nn.utils.clip_grad_norm_ and clip_grad_value_. */
import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { apart } from './fixture.js';
import { freeEverything } from './leaks.js';

beforeAll(() => torch.load({ threads: 1 }));
freeEverything();

const GRADIENTS = [[3, -4, 12], [0.5], [-7, 1]];
const { clipGradNorm_, clipGradValue_ } = torch.nn;

/** Parameters with these gradients, and one that has none. */
function withGradients(gradients: number[][], body: (parameters: torch.Tensor[]) => void): void {
  const parameters = [...gradients.map(({ length }) => torch.zeros([length])), torch.zeros([4])];
  torch.scope(() => {
    for (const [i, gradient] of gradients.entries()) parameters[i]!.grad = torch.tensor(gradient);
  });
  body(parameters);
  for (const parameter of parameters) {
    parameter.grad = null;
    parameter.dispose();
  }
}
const read = (parameters: torch.Tensor[]) =>
  torch.scope(() => parameters.flatMap(({ grad }) => (grad === null ? [] : grad.tolist())));

const flat = GRADIENTS.flat();
const NORMS: [number, number][] = [
  [2, Math.hypot(...flat)],
  [1, flat.reduce((sum, x) => sum + Math.abs(x), 0)],
  [Number.POSITIVE_INFINITY, 12],
];

test.each(NORMS)('a norm of order %d: returned, and brought to the given one', (normType, norm) => {
  withGradients(GRADIENTS, (parameters) => {
    expect(clipGradNorm_(parameters, 1.5, { normType })).toBeCloseTo(norm, 4);
    const wanted = flat.map((x) => (x * 1.5) / (norm + 1e-6));
    expect(apart(read(parameters), wanted)).toBeLessThan(1e-6);
  });
});

test('gradients that are small enough stay as they are, to the last bit', () => {
  withGradients(GRADIENTS, (parameters) => {
    clipGradNorm_(parameters, 100);
    expect(read(parameters)).toEqual(flat);
  });
});

test('without gradients the norm is 0', () => {
  withGradients([], (parameters) => expect(clipGradNorm_(parameters, 1)).toBe(0));
});

test('a norm that is not finite is an error where that is asked for, and nothing is scaled', () => {
  withGradients([[1, Number.NaN], [2]], (parameters) => {
    expect(() => clipGradNorm_(parameters, 1, { errorIfNonfinite: true })).toThrow(/norm of the gradients is NaN/);
    expect(read(parameters)).toEqual([1, Number.NaN, 2]);
  });
});

test('every element comes into the interval', () => {
  withGradients(GRADIENTS, (parameters) => {
    clipGradValue_(parameters, 3.5);
    expect(read(parameters)).toEqual([3, -3.5, 3.5, 0.5, -3.5, 1]);
  });
});
