/**
 * @file How many of the map's points are drawn while it is moved: all of them, unless frames come too slowly, as where the browser draws
 * without a graphics card. Points are drawn in a random order, so that fewer of them show the same map, and none hides a class.
 */

/** Milliseconds between frames: from 33 frames a second down, fewer points; from 50 up, more again. */
const SLOW = 30;
const FAST = 20;
/** Fewer would no longer show the map. */
const LEAST = 5000;

/** @param frame milliseconds between the last two frames, drawn with `count` of `all` points @returns the count for the next one */
export function nextCount(count: number, all: number, frame: number): number {
  if (frame > SLOW) return Math.max(Math.min(all, LEAST), Math.round(0.75 * count));
  return frame < FAST ? Math.min(all, Math.ceil(1.03 * count)) : Math.min(all, count);
}

/** @returns each of 0 to n - 1 once, the same order for the same n */
export function drawingOrder(n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let state = 1;
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator, enough to mix points
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** @param values `width` of each item @returns the same in the order of `order` */
export function inOrder<Values extends Float32Array | Uint8Array>(
  values: Values,
  width: number,
  order: Uint32Array,
): Values {
  const sorted = values.slice() as Values;
  for (let i = 0; i < order.length; i++) {
    for (let k = 0; k < width; k++) sorted[width * i + k] = values[width * order[i]! + k]!;
  }
  return sorted;
}
