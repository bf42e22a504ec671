/** @file The label curve's places in pixels: labels on a scale of powers, since the tenth label brings more than the thousandth. */
export interface CurvePoint {
  labels: number;
  accuracy: number;
  interval: readonly [number, number];
}

export interface CurveScale {
  x: (labels: number) => number;
  y: (accuracy: number) => number;
  ticks: { x: number[]; y: number[] };
}

/** @param points at least one @param width and height in pixels */
export function curveScale(points: readonly CurvePoint[], width: number, height: number): CurveScale {
  const labels = points.map((point) => Math.max(1, point.labels));
  const [first, last] = [Math.min(...labels), Math.max(...labels)];
  const span = Math.log(last / first) || 1;
  const low = Math.max(0, Math.floor(10 * Math.min(...points.map((point) => point.interval[0]))) / 10);
  const high = Math.min(1, Math.ceil(10 * Math.max(...points.map((point) => point.interval[1]))) / 10);
  const steps = Math.max(1, Math.round((high - low) * 10));
  const every = steps > 5 ? 2 : 1;
  return {
    x: (n) => (last === first ? width / 2 : (width * Math.log(Math.max(1, n) / first)) / span),
    y: (accuracy) => height * (1 - (accuracy - low) / Math.max(0.1, high - low)),
    ticks: {
      x: spaced(labels, span, width),
      y: Array.from({ length: steps + 1 }, (_, i) => low + i / 10).filter((_, i) => i % every === 0),
    },
  };
}

/** Numbers of labels whose texts do not run into each other: 34 pixels apart. */
function spaced(labels: readonly number[], span: number, width: number): number[] {
  const kept: number[] = [];
  for (const n of [...new Set(labels)].sort((a, b) => b - a)) {
    const next = kept.at(-1);
    if (next === undefined || (width * Math.log(next / n)) / span >= 34) kept.push(n);
  }
  return kept.reverse();
}
