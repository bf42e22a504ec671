/** @file Numbers as text. */

/** "50,000". Not by Intl, which raises in a browser that was started with the locale POSIX. @param n a whole number */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
/** "1 image", "2,000 images" */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;
/** A share of 1 as CSS wants it. */
export const cssShare = (share: number): string => `${(100 * share).toFixed(2)}%`;
/** A share of 1 as a percentage. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;
export const interval = ([low, high]: readonly [number, number], digits = 1): string =>
  `${(100 * low).toFixed(digits)} to ${(100 * high).toFixed(digits)} %`;

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 ** 2) return `${(n / 1024).toFixed(0)} KiB`;
  return `${(n / 1024 ** 2).toFixed(1)} MiB`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

/** The last part of a path, and what is before it. */
export function nameAndFolder(path: string): { name: string; folder: string } {
  const cut = path.lastIndexOf('/');
  return { name: path.slice(cut + 1), folder: path.slice(0, Math.max(0, cut)) };
}
