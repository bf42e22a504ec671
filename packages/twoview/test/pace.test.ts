import { afterEach, expect, test, vi } from 'vitest';
import { Pace } from '../src/runs/pace.js';

afterEach(() => vi.restoreAllMocks());

/** @param steps milliseconds of each @returns seconds a step, as shown after each */
function shown(steps: readonly number[]): number[] {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pace = new Pace();
  return steps.map((milliseconds) => {
    pace.begin();
    now += milliseconds / 4;
    pace.batchReady();
    now += (3 * milliseconds) / 4;
    pace.end();
    return pace.secondsPerStep;
  });
}

const usual = (count: number, milliseconds: number) => new Array<number>(count).fill(milliseconds);

test('the first step, which prepares everything, is forgotten', () => {
  expect(shown([9000, 100, 100]).at(-1)).toBeCloseTo(0.1, 10);
});

test('one very long step changes the speed by no more than a fifth', () => {
  const seconds = shown([...usual(10, 100), 600_000, ...usual(10, 100)]);
  expect(Math.max(...seconds)).toBeCloseTo(0.12, 10);
  expect(seconds.at(-1)).toBeLessThan(0.11);
});

test('a speed that stays is found again, slower or faster', () => {
  expect(shown([...usual(5, 100), ...usual(60, 1000)]).at(-1)).toBeGreaterThan(0.95);
  expect(shown([...usual(5, 1000), ...usual(60, 100)]).at(-1)).toBeLessThan(0.105);
});

test('waiting for data is a share of a step', () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pace = new Pace();
  for (let i = 0; i < 5; i++) {
    pace.begin();
    now += 30;
    pace.batchReady();
    now += 70;
    pace.end();
  }
  expect(pace.dataShare).toBeCloseTo(0.3, 10);
});
