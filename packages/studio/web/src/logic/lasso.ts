/** @file Which points a closed line drawn by hand holds: even-odd rule, with the line's box first. */

/**
 * @param positions [2N] x, y of each point
 * @param line [2M] corners of the lasso in the same space; fewer than three hold nothing
 * @param shown one byte a point; only points with 1 count
 * @returns indices of the points inside, ascending
 */
export function insideLasso(positions: Float32Array, line: readonly number[], shown?: Uint8Array): number[] {
  const corners = line.length / 2;
  if (corners < 3) return [];
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < corners; i++) {
    left = Math.min(left, line[2 * i]!);
    right = Math.max(right, line[2 * i]!);
    low = Math.min(low, line[2 * i + 1]!);
    high = Math.max(high, line[2 * i + 1]!);
  }
  const found: number[] = [];
  for (let p = 0; p < positions.length / 2; p++) {
    const x = positions[2 * p]!;
    const y = positions[2 * p + 1]!;
    if (shown && shown[p] === 0) continue;
    if (x < left || x > right || y < low || y > high) continue;
    if (holds(line, corners, x, y)) found.push(p);
  }
  return found;
}

function holds(line: readonly number[], corners: number, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = corners - 1; i < corners; j = i++) {
    const [xi, yi, xj, yj] = [line[2 * i]!, line[2 * i + 1]!, line[2 * j]!, line[2 * j + 1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
