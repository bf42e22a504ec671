/** @file Where a key leads in a grid of images. */

/**
 * @param at position in the list, 0 to length - 1
 * @param columns images in a row; @param page rows that fit
 * @returns the new position, or undefined where the key moves nothing
 */
export function moved(key: string, at: number, length: number, columns: number, page: number): number | undefined {
  const step = STEPS[key]?.(columns, Math.max(1, page));
  if (key === 'Home') return 0;
  if (key === 'End') return length - 1;
  if (step === undefined || length === 0) return undefined;
  const to = at + step;
  // Up and down stay in their column; at the borders they stay where they are.
  if (Math.abs(step) > 1) {
    if (to < 0) return at % columns;
    if (to >= length) return Math.floor(at / columns) === Math.floor((length - 1) / columns) ? at : length - 1;
  }
  return Math.min(length - 1, Math.max(0, to));
}

const STEPS: Record<string, ((columns: number, page: number) => number) | undefined> = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
  PageUp: (columns, page) => -columns * page,
  PageDown: (columns, page) => columns * page,
};
