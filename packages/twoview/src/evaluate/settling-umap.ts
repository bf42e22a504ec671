/**
 * @file A UMAP of many images that can be looked at while it settles. It begins as the principal components; of more images than `landmarks`
 * a random sample is laid out, and each other image stands between its nearest ones of the sample, as in landmark methods (de Silva and
 * Tenenbaum 2004): laying out all of them would take minutes. Source of the layout: McInnes et al. 2018, arXiv 1802.03426, by umap-js.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { streamGenerator } from '../runs/random.js';
import { leadingDirections, principalMap } from './principal-map.js';
import { uniforms } from './umap.js';

export interface SettlingOptions {
  seed?: number;
  /** Images that are laid out themselves. */
  landmarks?: number;
  /** Seconds between two maps. */
  every?: number;
}

export interface SettlingMap {
  /** [N, 2], row by row. */
  points: Float32Array;
  epoch: number;
  epochs: number;
}

const NEIGHBOURS = 15;
/** Landmarks that another image stands between. */
const BETWEEN = 3;
/** Directions in which these are looked for: with all 512, they take longer to find than the sample to lay out. */
const DIRECTIONS = 64;
/** Of the first map, as umap-learn begins. */
const SIDE = 10;
/** Similarities that are in memory at once: 64 MiB. */
const BLOCK = 1 << 24;
/** Fewer images have no neighbourhoods. */
const LEAST = 16;

/**
 * Maps while they settle, the last one at the end. Between two of them other work of the process gets its turn.
 *
 * @param h [N, d] representations
 */
export async function* settlingUmap(
  h: Tensor,
  { seed = 0, landmarks = 8000, every = 1 }: SettlingOptions = {},
): AsyncGenerator<SettlingMap> {
  const count = h.shape[0]!;
  if (count < LEAST) return;
  const { UMAP } = await import('umap-js');
  using unit = torch.scope(() => torch.normalize(h.to({ device: 'cpu', dtype: 'float32' }), { dim: 1 }));
  const generator = streamGenerator(seed, 'map', 1);
  using chosen = torch.scope(() =>
    count <= landmarks
      ? torch.arange(count, { dtype: 'int64' })
      : torch.randperm(count, { generator }).narrow(0, 0, landmarks).clone(),
  );
  using sample = unit.indexSelect(0, chosen);
  const size = sample.shape[0]!;
  const near = mostSimilar(sample, sample, Math.min(NEIGHBOURS, size - 1));
  const indices = near.rows.map((row, i) => [i, ...row.filter((j) => j !== i)].slice(0, row.length));
  const distances = indices.map((row, i) =>
    row.map((j, at) => (at === 0 ? 0 : Math.max(0, 1 - near.similarities[i]![near.rows[i]!.indexOf(j)]!))),
  );
  const others = size === count ? null : placesBetween(unit, sample);

  const map = new UMAP({ nNeighbors: indices[0]!.length, random: uniforms(seed) });
  map.setPrecomputedKNN(indices, distances);
  const epochs = map.initializeFit(indices); // with the neighbours given, only their number counts
  const layout = map.getEmbedding();
  const start = principalMap(sample);
  const largest = start.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [i, point] of layout.entries())
    for (const axis of [0, 1]) point[axis] = (SIDE * start[2 * i + axis]!) / largest;
  let told = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    map.step();
    if (epoch < epochs && performance.now() - told < 1000 * every) continue;
    yield { points: spread(map.getEmbedding(), others), epoch, epochs };
    await new Promise((resolve) => setImmediate(resolve));
    told = performance.now();
  }
}

/** Rows of keys that are most similar to each query, the first one first. */
function mostSimilar(queries: Tensor, keys: Tensor, k: number): { rows: number[][]; similarities: number[][] } {
  const [count, size] = [queries.shape[0]!, keys.shape[0]!];
  const block = Math.max(1, Math.floor(BLOCK / size));
  const [rows, similarities]: [number[][], number[][]] = [[], []];
  for (let from = 0; from < count; from += block) {
    torch.scope(() => {
      const products = queries.narrow(0, from, Math.min(block, count - from)).mm(keys.t());
      const [values, index] = products.topk(k, { dim: 1 });
      const [flat, at]: [number[], number[]] = [values.tolist(), index.tolist()];
      for (let i = 0; i < flat.length; i += k) {
        rows.push(at.slice(i, i + k));
        similarities.push(flat.slice(i, i + k));
      }
    });
  }
  return { rows, similarities };
}

interface Between {
  /** [N * 3] rows of the sample, and their weights, which sum to 1 for each image. */
  rows: Int32Array;
  weights: Float32Array;
}

/** By the inverse of the distance, so that a landmark stands where it is. */
function placesBetween(unit: Tensor, sample: Tensor): Between {
  const k = Math.min(BETWEEN, sample.shape[0]!);
  const { rows, similarities } = torch.scope(() => {
    const most = leadingDirections(sample, DIRECTIONS);
    return mostSimilar(unit.mm(most), sample.mm(most), k);
  });
  const weights = similarities.flatMap((row) => {
    const inverse = row.map((similarity) => 1 / (1e-6 + Math.max(0, 1 - similarity)));
    const sum = inverse.reduce((a, b) => a + b);
    return inverse.map((one) => one / sum);
  });
  return { rows: Int32Array.from(rows.flat()), weights: Float32Array.from(weights) };
}

function spread(layout: readonly (readonly number[])[], others: Between | null): Float32Array {
  if (others === null) return Float32Array.from(layout.flat());
  const { rows, weights } = others;
  const points = new Float32Array((2 * rows.length) / BETWEEN);
  for (let i = 0; i < rows.length; i++) {
    const [x, y] = layout[rows[i]!]!;
    const at = 2 * Math.floor(i / BETWEEN);
    points[at]! += weights[i]! * x!;
    points[at + 1]! += weights[i]! * y!;
  }
  return points;
}
