/** @file Operations in words. */
import { expect, test } from 'vitest';
import { operations } from '../src/experiment/operations.js';

test.each([
  [1.2e17, '120 PFLOP'],
  [1.54e14, '0.15 PFLOP'],
  [1e13, '0.01 PFLOP'],
  [9.4e12, '9.4 TFLOP'],
  [2.9e10, '0.029 TFLOP'],
  [7.31e8, '0.73 GFLOP'],
  [0, 'none'],
])('%d is %s', (flops, words) => expect(operations(flops)).toBe(words));
