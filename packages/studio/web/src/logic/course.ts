/** @file Between the maps of a training's course: where every image is at a moment between two of them. */
import type { RunCourse, RunInfo } from '../api/types.js';

const UNIT = 1000;

/**
 * @param at 0 for the first map, 1 for the second, 1.5 halfway to the third
 * @param count images of the project
 * @returns [2 x count] x, y of each image; NaN for images that the course does not follow
 */
export function courseAt({ maps }: RunCourse, at: number, count: number): Float32Array {
  const positions = new Float32Array(2 * count).fill(Number.NaN);
  const from = maps[Math.min(Math.floor(at), maps.length - 1)];
  const to = maps[Math.min(Math.ceil(at), maps.length - 1)];
  if (from === undefined || to === undefined) return positions;
  const share = at - Math.floor(at);
  const place = new Map(to.images.map((image, i) => [image, i]));
  from.images.forEach((image, i) => {
    const k = place.get(image) ?? i;
    for (const axis of [0, 1]) {
      const [a, b] = [from.positions[2 * i + axis]!, to.positions[2 * k + axis]!];
      positions[2 * image + axis] = (a + share * (b - a)) / UNIT;
    }
  });
  return positions;
}

/** Pre-trainings without labels are followed. */
export const hasCourse = ({ command, settings }: RunInfo): boolean =>
  command === 'pretrain' && settings.method !== 'supervised';

export const epochWords = (epoch: number): string => (epoch === 0 ? 'before the first epoch' : `after epoch ${epoch}`);
