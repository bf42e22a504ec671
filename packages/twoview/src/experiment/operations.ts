/** @file Numbers of floating-point operations as people read them. */
const UNITS = [
  ['PFLOP', 1e15],
  ['TFLOP', 1e12],
  ['GFLOP', 1e9],
] as const;

/** Two digits: `0.15 PFLOP`, `29 TFLOP`; nothing is `none`. */
export function operations(flops: number): string {
  if (flops === 0) return 'none';
  const [name, size] = UNITS.find(([, one]) => flops >= one / 100) ?? UNITS.at(-1)!;
  return `${Number((flops / size).toPrecision(2))} ${name}`;
}
