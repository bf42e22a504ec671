/** @file Learning rate by step: linear warm-up, then half a cosine to zero. Source: SimCLR, section 2.2, after SGDR. */

export interface CosineOptions {
  base: number;
  warmupSteps: number;
  totalSteps: number;
  /** The last value. */
  final?: number;
}

/** @returns the learning rate of step 0, 1, ... totalSteps - 1 */
export function cosineWithWarmup({
  base,
  warmupSteps,
  totalSteps,
  final = 0,
}: CosineOptions): (step: number) => number {
  return (step) => {
    if (step < warmupSteps) return (base * (step + 1)) / warmupSteps;
    const share = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return final + (base - final) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)));
  };
}
