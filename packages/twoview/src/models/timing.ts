/** @file How long something takes here: the least of some timings, since other programs only ever make it longer. */
import * as torch from '@twoview/torch';

interface Timing {
  repeats: number;
  device: string;
  /** Calls of a body in one timing: many, where starting one and waiting for a GPU would count as well. */
  times?: number;
}

/**
 * Bodies that are compared take turns, so that what else the machine does hits all alike; the first turn warms up and is dropped.
 * Tensors that a body makes are freed after it.
 *
 * @returns seconds of one call, by name
 */
export function leastSeconds<Name extends string>(
  bodies: Record<Name, () => unknown>,
  { repeats, device, times = 1 }: Timing,
): Record<Name, number> {
  const entries = Object.entries(bodies) as [Name, () => unknown][];
  const least = Object.fromEntries(entries.map(([name]) => [name, Number.POSITIVE_INFINITY])) as Record<Name, number>;
  for (let turn = 0; turn <= repeats; turn++) {
    for (const [name, body] of entries) {
      const start = performance.now();
      for (let i = 0; i < times; i++) torch.scope(() => void body());
      if (device.startsWith('cuda')) torch.cuda.synchronize(device); // it has only been asked so far
      if (turn > 0) least[name] = Math.min(least[name], (performance.now() - start) / 1000 / times);
    }
  }
  return least;
}
