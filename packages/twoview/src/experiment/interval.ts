/** @file Means over few seeds, their spread and confidence intervals. */

/** Student's t at 0.975 for 1, 2, ... degrees of freedom; beyond the table the normal distribution's 1.96 is within 4 %. */
const T975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Half the width of the 95 % interval of the mean of n normal values; null where there are too few for a deviation. */
export function halfInterval(deviation: number | null, n: number): number | null {
  if (deviation === null || n < 2) return null;
  return ((T975[n - 2] ?? 1.96) * deviation) / Math.sqrt(n);
}

/** @returns the mean, and the sample standard deviation, null for fewer than three values, of which it says next to nothing @param values at least one */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 2 ? Math.sqrt(squares / (values.length - 1)) : null };
}
