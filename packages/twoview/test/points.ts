/** @file Drawn points, and distances in plain loops, for tests of what chooses among representations. */
import * as torch from '@twoview/torch';
import { rowsOf } from './rows.js';

/** Points around a few directions, of lengths that must not matter. */
export function drawn(count: number, d: number, seed = 1, groups = 5): torch.Tensor {
  return torch.scope(() => {
    const generator = new torch.Generator(seed);
    const middles = torch.randn([groups, d], { generator });
    const group = torch.randint(0, groups, [count], { generator, dtype: 'int64' });
    const lengths = torch.rand([count, 1], { generator }).add(0.5);
    return middles
      .indexSelect(0, group)
      .add(torch.randn([count, d], { generator }).mul(0.4))
      .mul(lengths);
  });
}

export const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
export const unitRows = (features: torch.Tensor): number[][] =>
  rowsOf(features).map((row) => row.map((value) => value / Math.sqrt(dot(row, row))));
export const squared = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
export const indices = (count: number) => Array.from({ length: count }, (_, i) => i);
