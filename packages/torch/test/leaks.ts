/** @file For the tests of a file: libtorch is loaded, and each test must free what it makes. */
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import * as torch from '../src/index.js';

export function freeEverything(): void {
  let live = 0;
  beforeAll(() => torch.load({ threads: 1 }));
  beforeEach(() => {
    live = torch.liveTensors();
  });
  afterEach(() => expect(torch.liveTensors(), 'tensors leaked').toBe(live));
}
