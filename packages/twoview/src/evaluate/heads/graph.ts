/**
 * @file Images as a graph: an edge to each of the k nearest by cosine, the heavier the nearer.
 *
 *   A_ij = max(cos(h_i, h_j), 0)^gamma where j is one of the k nearest of i, W = A + A^T, S = D^-1/2 W D^-1/2, D the row sums of W
 *
 * Source: Iscen et al. 2019, arXiv 1904.04717, section 3.2 (there k = 50 and gamma = 3). Neighbours are exact here.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { bankOf } from '../knn-search.js';

export interface Graph extends Disposable {
  /** Images. */
  size: number;
  /** Neighbours of each: fewer than were asked for where there are not so many images. */
  k: number;
  /** @param z [N, C] float32 @returns S z */
  product(z: Tensor): Tensor;
}

export interface GraphOptions {
  k: number;
  gamma: number;
}

/** Similarities that are held at once. */
const BLOCK_BYTES = 64 << 20;

/** @param features [N, d] float32, at least two; need not have unit length */
export function neighbourGraph(features: Tensor, options: GraphOptions): Graph {
  const size = features.shape[0]!;
  const k = Math.min(options.k, size - 1);
  const { columns, starts, weights } = torch.scope(() => {
    const { index, similarity } = nearestOthers(features, k);
    const weight = similarity.clampMin(0).pow(options.gamma).flatten(); // [N k]
    const from = torch.arange(size, { dtype: 'int64', device: features.device }).repeatInterleave(k);
    const to = index.flatten();
    const rows = torch.cat([from, to]); //                                 A, then A^T
    const order = rows.argsort({ stable: true, dim: 0, descending: false });
    const [sorted, other] = [rows, torch.cat([to, from])].map((x) => x.indexSelect(0, order)) as [Tensor, Tensor];
    const edge = torch.cat([weight, weight]).indexSelect(0, order); //     [2 N k]
    const degree = torch.zeros([size], { device: features.device }).indexAdd_(0, sorted, edge);
    const scale = degree.clampMin(1e-12).rsqrt(); //                       an image without edges has none to divide
    const counts = sorted.bincount(null, size);
    return {
      columns: other,
      starts: counts.cumsum(0).sub(counts),
      weights: edge.mul(scale.indexSelect(0, sorted)).mul(scale.indexSelect(0, other)),
    };
  });
  return {
    ...{ size, k },
    // A sum over bags of rows is a sparse product, on all threads.
    product: (z) =>
      torch.scope(() => torch.ops.embeddingBag(z, columns, starts, { mode: SUM, perSampleWeights: weights })[0]),
    [Symbol.dispose]() {
      for (const tensor of [columns, starts, weights]) tensor.dispose();
    },
  };
}

/** embedding_bag's number for what torch.nn.functional.embedding_bag calls by name. */
const SUM = 0;

/** @returns the k nearest of each row but itself: [N, k] int64, and their cosines */
function nearestOthers(features: Tensor, k: number): { index: Tensor; similarity: Tensor } {
  const unit = torch.normalize(features, { dim: 1 });
  const size = unit.shape[0]!;
  const bank = bankOf(unit);
  const rows = Math.max(1, Math.floor(BLOCK_BYTES / (4 * size)));
  const parts: { index: Tensor; similarity: Tensor }[] = [];
  for (let from = 0; from < size; from += rows) {
    const count = Math.min(rows, size - from);
    parts.push(
      torch.scope(() => {
        const found = bank.nearest(unit.narrow(0, from, count), k + 1);
        const self = torch.arange(from, from + count, { dtype: 'int64', device: unit.device }).unsqueeze(1);
        const others = found.similarity.maskedFill(found.index.eq(self), -Infinity);
        const [similarity, at] = others.topk(k, { dim: 1, sorted: false });
        return { similarity, index: found.index.gather(1, at) };
      }),
    );
  }
  return {
    index: torch.cat(parts.map(({ index }) => index)),
    similarity: torch.cat(parts.map(({ similarity }) => similarity)),
  };
}
