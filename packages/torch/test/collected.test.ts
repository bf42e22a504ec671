/** @file The safety net: a tensor that no scope frees is freed by the garbage collector. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

beforeAll(() => torch.load());

const MADE = 100;
const makers: Record<string, () => unknown> = {
  'made outside any scope': () => torch.zeros([3]),
  'returned by the outermost scope': () => torch.scope(() => torch.zeros([3])),
  'kept inside a scope': () => torch.scope(() => void torch.keep(torch.zeros([3]))),
  'kept, and returned': () => torch.scope(() => torch.keep(torch.zeros([3]))),
};

test.each(Object.entries(makers))('a tensor %s is collected', async (_, make) => {
  const before = torch.liveTensors();
  for (let i = 0; i < MADE; i++) make();
  for (let tries = 0; tries < 50 && torch.liveTensors() > before; tries++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(torch.liveTensors()).toBeLessThanOrEqual(before);
});
