import { afterEach, expect, test, vi } from 'vitest';
import { Pace } from '../src/runs/pace.js';

afterEach(() => vi.restoreAllMocks());

/** @param steps milliseconds of each, three tenths of them for its data @returns what is read of the pace after each */
function shown(steps: readonly number[], read = (pace: Pace) => pace.secondsPerStep): number[] {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pace = new Pace();
  return steps.map((milliseconds) => {
    pace.begin();
    now += 0.3 * milliseconds;
    pace.batchReady();
    now += 0.7 * milliseconds;
    pace.end();
    return read(pace);
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
  expect(shown(usual(5, 100), (pace) => pace.dataShare).at(-1)).toBeCloseTo(0.3, 10);
});
