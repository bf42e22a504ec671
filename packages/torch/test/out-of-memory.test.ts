/** @file Where memory is short: what nobody has any more is freed first, and only then is it an error. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';

beforeAll(() => torch.load({ threads: 1 }));

test('a tensor for which there is no memory is refused with a code of its own', () => {
  const before = torch.liveTensors();
  expect(() => torch.empty([2 ** 50])).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }));
  const small = torch.ones([2]);
  expect(() => small.expand([2 ** 50, 2]).add(1)).toThrow(/smaller batches/);
  small.dispose();
  expect(torch.liveTensors()).toBeLessThanOrEqual(before + 1); // the view, until it is collected
});

describe.runIf(process.platform === 'linux')('in a loop that never comes back to the event loop', () => {
  const child = fileURLToPath(new URL('../dist/test/children/memory-limit.js', import.meta.url));
  const run = (...args: string[]) => {
    const { stdout, stderr } = spawnSync(process.execPath, [child, ...args], { encoding: 'utf8' });
    return JSON.parse(stdout || JSON.stringify({ stderr })) as { sum: number; code: string | null };
  };

  test('tensors that nobody keeps make room for the next ones', () => {
    expect(run()).toEqual({ sum: 40, code: null });
  });

  test('tensors that are kept fill the memory', () => {
    const { sum, code } = run('keep');
    expect([sum >= 4 && sum < 10, code]).toEqual([true, 'OUT_OF_MEMORY']);
  });
});
