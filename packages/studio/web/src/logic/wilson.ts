/** @file How wide an interval will be, before there is one: half of Wilson's (1927), 95 %. */
const Z = 1.959964;

/** @param share expected accuracy, 0 to 1 @param n images of the exam */
export const halfWidth = (share: number, n: number): number =>
  (Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n))) / (1 + (Z * Z) / n);
