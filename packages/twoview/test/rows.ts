/** @file A matrix as rows of numbers, for definitions in plain loops. */
import type { Tensor } from '@twoview/torch';

export function rowsOf(matrix: Tensor): number[][] {
  const flat = matrix.tolist() as number[];
  const width = matrix.shape[1]!;
  return Array.from({ length: matrix.shape[0]! }, (_, i) => flat.slice(i * width, (i + 1) * width));
}
