/**
 * @file A map of representations in two dimensions, on which neighbours stay neighbours. Source: McInnes et al. 2018, arXiv
 * 1802.03426, as umap-js computes it; its neighbours are found here, by cosine similarity.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { streamGenerator } from '../runs/random.js';
import { nearest } from './nearest.js';

const NEIGHBOURS = 15;
/** Random numbers that are drawn at once. */
const DRAWN = 1 << 16;

export type MapPoint = [x: number, y: number];

/** Fewer images have no map. */
const LEAST = 4;

/** @param h [N, d] representations @returns N points, rounded to a thousandth of the map's larger side */
export async function umap(h: Tensor, seed: number): Promise<MapPoint[]> {
  const count = h.shape[0]!;
  if (count < LEAST) return [];
  const { UMAP } = await import('umap-js');
  const { indices, distances } = nearest(h, Math.min(NEIGHBOURS, count - 1));
  const map = new UMAP({ nNeighbors: indices[0]!.length, random: uniforms(seed) });
  map.setPrecomputedKNN(indices, distances);
  const points = map.fit(indices); // with the neighbours given, only their number counts
  return rounded(points);
}

/** Numbers from [0, 1), the same for the same seed. */
export function uniforms(seed: number): () => number {
  const generator = streamGenerator(seed, 'map', 0);
  let drawn = new Float64Array(0);
  let next = 0;
  return () => {
    if (next === drawn.length) {
      drawn = torch
        .scope(() => torch.rand([DRAWN], { dtype: 'float64', generator }).toTypedArray() as Float64Array)
        .slice();
      next = 0;
    }
    return drawn[next++]!;
  };
}

function rounded(points: readonly number[][]): MapPoint[] {
  const sides = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]!);
    return Math.max(...values) - Math.min(...values);
  });
  const unit = Math.max(...sides) / 1000;
  return points.map(([x, y]) => [Math.round(x! / unit), Math.round(y! / unit)]);
}
