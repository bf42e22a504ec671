/** @file Colours of the map's points, and the point below the pointer. */
import type { Columns } from './filter.js';
import { colourOf, NO_CLASS, type Rgb } from './palette.js';

export type ColourBy = 'label' | 'prediction' | 'cluster' | 'part';
const PART_COLOURS: readonly Rgb[] = [colourOf(0), colourOf(2), colourOf(5)];

/**
 * @param shown one byte an image: 0 hides it
 * @param chosen images of the selection; where there are any, the others are pale
 * @returns [4N] red, green, blue, opacity
 */
export function pointColours(
  columns: Columns,
  by: ColourBy,
  shown: Uint8Array,
  chosen: ReadonlySet<number>,
): Uint8Array {
  const colours = new Uint8Array(4 * columns.count);
  const pale = chosen.size > 0 ? 60 : 200;
  for (let id = 0; id < columns.count; id++) {
    if (shown[id] === 0) continue;
    const colour = colourAt(columns, by, id);
    colours[4 * id] = colour[0];
    colours[4 * id + 1] = colour[1];
    colours[4 * id + 2] = colour[2];
    // Images without a class stay behind those with one.
    colours[4 * id + 3] = chosen.has(id) ? 255 : colour === NO_CLASS ? Math.min(pale, 110) : pale;
  }
  return colours;
}

function colourAt({ label, predicted, cluster, part }: Columns, by: ColourBy, id: number): Rgb {
  if (by === 'part') return PART_COLOURS[part[id]!] ?? NO_CLASS;
  const value = by === 'label' ? label[id]! : by === 'prediction' ? predicted[id]! : cluster[id]!;
  return colourOf(value);
}

/**
 * @param positions [2N]; @param reach how far away it may be, in the same space
 * @returns the nearest point that is shown; -1 for none
 */
export function nearestPoint(positions: Float32Array, shown: Uint8Array, x: number, y: number, reach: number): number {
  let best = reach * reach;
  let found = -1;
  for (let id = 0; id < shown.length; id++) {
    const dx = positions[2 * id]! - x;
    const dy = positions[2 * id + 1]! - y;
    const distance = dx * dx + dy * dy;
    if (distance < best && shown[id] === 1) {
      best = distance;
      found = id;
    }
  }
  return found;
}

/** The middle of the points and the zoom at which they fill the box; points that are NaN do not count. */
export function fitted(positions: Float32Array, width: number, height: number): { x: number; y: number; zoom: number } {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 2) {
    const [x, y] = [positions[i]!, positions[i + 1]!];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  if (!Number.isFinite(left)) return { x: 0, y: 0, zoom: 0 };
  const scale = 0.92 * Math.min(width / Math.max(1e-9, right - left), height / Math.max(1e-9, high - low));
  return { x: (left + right) / 2, y: (low + high) / 2, zoom: Math.log2(scale) };
}
