/**
 * @file The nearest of a bank by cosine. Nearly all of the time of kNN is the product of all queries with all keys in float32.
 * Where the machine multiplies 8-bit integers faster, these find some more candidates than are wanted, and float32 decides among
 * them. The integers' error shows on the candidates themselves; a query whose margin 1.5 times that error could cross is sought in float32
 * instead. That is an estimate and no bound: one that always holds, by Cauchy-Schwarz, is so wide that every query would be sought again.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { measuredOnce } from '../models/measured.js';
import { leastSeconds } from '../models/timing.js';

export type SearchBy = 'float32' | 'int8';

export interface Neighbours {
  /** [N, k] cosine similarities, in no order. */
  similarity: Tensor;
  /** [N, k] int64 rows of the bank. */
  index: Tensor;
}

/** Keys that queries are compared with; one who makes it frees its tensors, by a scope. */
export interface Bank {
  size: number;
  /** @param queries [N, d] of unit length @param k at most `size` */
  nearest(queries: Tensor, k: number): Neighbours;
}

/** @param unit [M, d] float32 of unit length @param by `auto` measures on this machine, where it is worth it */
export function bankOf(unit: Tensor, by: SearchBy | 'auto' = 'auto'): Bank {
  const keys = unit.t();
  const size = unit.shape[0]!;
  const inFloat32 = (queries: Tensor, k: number): Neighbours => {
    const [similarity, index] = queries.mm(keys).topk(k, { dim: 1, sorted: false });
    return { similarity, index };
  };
  if ((by === 'auto' ? fastest(unit) : by) === 'float32') return { size, nearest: inFloat32 };

  // Without their mean, keys differ in more of the 8 bits; for one query it adds the same to all of them.
  const mean = unit.mean([0]);
  const centred = unit.sub(mean);
  const rough = quantised(centred, centred.abs().max());
  const roughKeys = rough.integers.t();
  return {
    size,
    nearest(queries, k) {
      const wanted = Math.min(size, k + moreThan(k));
      const asked = quantised(queries, queries.abs().amax([1], true));
      const products = torch.unsafeOp('aten::_int_mm', asked.integers, roughKeys) as Tensor;
      const [found, candidates] = products.topk(wanted, { dim: 1, sorted: false });
      const exact = similaritiesAt(queries, keys, candidates);
      const [similarity, at] = exact.topk(k, { dim: 1, sorted: false });
      const index = candidates.gather(1, at);

      // What is off alike for all keys moves none before another: where many numbers of a representation are zero, nearly all of the error is.
      const roughly = found.to('float32').mul(asked.step).mul(rough.step);
      const off = roughly.sub(exact);
      const alike = off.mean([1], true);
      const error = off.sub(alike).abs().amax([1]).mul(SAFETY);
      const least = roughly.sub(alike).amin([1]); // no key but the candidates is nearer by more than the error
      const crossed = similarity.amin([1]).lt(least.add(error));
      if (wanted < size) again(crossed.nonzero().squeeze(1));
      return { similarity, index };

      function again(rows: Tensor): void {
        if (rows.numel() === 0) return;
        const right = inFloat32(queries.indexSelect(0, rows), k);
        similarity.indexCopy_(0, rows, right.similarity);
        index.indexCopy_(0, rows, right.index);
      }
    },
  };
}

/** Candidates beyond the k that are wanted. */
const moreThan = (k: number): number => 64 + Math.ceil(k / 4);
/** Of 50,000 errors the largest is about one and a half times the largest of some hundred. */
const SAFETY = 1.5;

/** @param largest of each row, or of all @returns integers from -127 to 127, and what one of them stands for */
function quantised(x: Tensor, largest: Tensor): { integers: Tensor; step: Tensor } {
  const step = largest.clampMin(1e-12).div(127);
  return { integers: x.div(step).round_().to('int8'), step };
}

/** Products of each query with its own candidates alone: a sampled product, which reads each key where it lies. */
function similaritiesAt(queries: Tensor, keys: Tensor, candidates: Tensor): Tensor {
  const [rows, columns] = candidates.shape as [number, number];
  const ends = torch.arange(rows + 1, { dtype: 'int64' }).mul(columns);
  const none = torch.zeros([rows * columns]);
  const where = [ends, candidates.flatten(), none, [rows, keys.shape[1]!], 'float32', 'sparse_csr'];
  const pattern = torch.unsafeOp('aten::_sparse_csr_tensor_unsafe', ...where);
  const sampled = torch.op('aten::sparse_sampled_addmm', pattern, queries, keys, 0, 1) as Tensor;
  return (torch.op('aten::values', sampled) as Tensor).view([rows, columns]);
}

const LEAST_KEYS = 8192;
/** What integers must gain in the product to pay for the rest. */
const LEAST_GAIN = 1.25;

function fastest(unit: Tensor): SearchBy {
  const [size, d] = unit.shape as [number, number];
  if (!unit.device.startsWith('cpu') || size < LEAST_KEYS || d < 64) return 'float32';
  return measuredOnce(`products of 8-bit integers for kNN, d = ${d}`, () => {
    const some = unit.narrow(0, 0, LEAST_KEYS);
    const few = unit.narrow(0, 0, 256);
    const integers = [few, some].map((x) => quantised(x, x.abs().max()).integers);
    const products = {
      float32: () => few.mm(some.t()),
      int8: () => torch.unsafeOp('aten::_int_mm', integers[0], integers[1]!.t()),
    };
    const least = leastSeconds(products, { repeats: 3, device: unit.device });
    return least.float32 / least.int8 >= LEAST_GAIN ? 'int8' : 'float32';
  });
}
