/** @file Whether a step may look at its own numbers. */
export const hostReads = {
  /** On a CPU that costs nothing and saves work; on a GPU the step would wait until all that was asked before is done. */
  may: (device: string): boolean => device === 'cpu',
};
