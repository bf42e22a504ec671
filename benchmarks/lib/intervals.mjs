/** @file What is asked of an interval in a simulation, where the truth is known. */

export const holds = ({ low, high }, accuracy) => low <= accuracy && accuracy <= high;
export const width = ({ low, high }) => high - low;
/** The interval of the papers, theta ± 1.96 sqrt(V). */
export function normal({ accuracy, effective, low, high, method }) {
  if (method === 'wilson') return { low, high };
  const half = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / effective);
  return { low: Math.max(0, accuracy - half), high: Math.min(1, accuracy + half) };
}
