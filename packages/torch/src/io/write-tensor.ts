/** @file A tensor's elements into an open file, row by row in memory order of its shape, through one small buffer. */
import { ITEM_SIZE } from '../dtype.js';
import { guarded, native } from '../native.js';
import { scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { writeAll } from './atomic.js';

const CHUNK_BYTES = 4 << 20;

/**
 * A tensor that is not contiguous costs a copy of itself meanwhile; a tensor on a GPU comes over in pieces.
 *
 * @param seen is shown the bytes as they go
 */
export function writeTensor(file: number, tensor: Tensor, seen: (bytes: Uint8Array) => void = () => {}): void {
  const length = CHUNK_BYTES / ITEM_SIZE[tensor.dtype];
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, tensor.numel() * ITEM_SIZE[tensor.dtype]));
  scope(() => {
    const flat = tensor.detach().contiguous().view([-1]);
    for (let start = 0; start < flat.numel(); start += length) {
      const piece = flat.narrow(0, start, Math.min(length, flat.numel() - start));
      const bytes = buffer.subarray(0, piece.numel() * ITEM_SIZE[tensor.dtype]);
      guarded('save', () => native().toBytes(Tensor.idOf(piece), bytes));
      piece.dispose();
      seen(bytes);
      writeAll(file, bytes);
    }
  });
}
