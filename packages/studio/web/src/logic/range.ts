/** @file The entries of a list between two positions, whichever comes first, both included. */
export const range = (list: ArrayLike<number>, a: number, b: number): number[] => {
  const [from, to] = a < b ? [a, b] : [b, a];
  return Array.from({ length: to - from + 1 }, (_, i) => list[from + i]!);
};
