/**
 * @file A file as a tensor of bytes, without reading it: libtorch maps it privately, so that writing to a tensor changes
 * memory and never the file. The mapping lives as long as a tensor that looks into it. Where another program shortens the
 * file meanwhile, the operator that reads what is gone throws FILE_ACCESS. Replacing the file by a rename does no harm.
 */
import { resolve } from 'node:path';
import { type DType, ITEM_SIZE } from '../dtype.js';
import { guarded, native } from '../native.js';
import { Tensor } from '../tensor.js';

/** @param bytes the length of the file @returns uint8 [bytes] */
export function mapFile(path: string, bytes: number): Tensor {
  return Tensor.fromId(guarded('mapFile', () => native().mapFile(resolve(path), bytes)))!;
}

/**
 * A piece of a mapping as elements, in place where they lie at a multiple of their size, otherwise as a copy.
 *
 * @returns [length / item size]
 */
export function elements(mapping: Tensor, dtype: DType, begin: number, length: number): Tensor {
  const window = mapping.narrow(0, begin, length);
  const aligned = begin % ITEM_SIZE[dtype] === 0 ? window : window.clone();
  return dtype === 'uint8' ? aligned : aligned.view(dtype);
}

/**
 * Rows of a mapped file that will be read soon: the system fetches them while something else is computed. A hint, which changes
 * no result and does not wait.
 *
 * @param x [N, ...] contiguous, on the CPU @param rows [n] int64
 * @throws TorchError OPERATOR for rows that are not there
 */
export function willNeed(x: Tensor, rows: Tensor): void {
  guarded('willNeed', () => native().willNeed(Tensor.idOf(x), Tensor.idOf(rows)));
}
