/** @file The storages of a PyTorch file, and tensors as windows into them. What the file says of a window is checked here. */

import { ops } from '../../dispatch/methods.js';
import { type DType, ITEM_SIZE } from '../../dtype.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { elements } from '../mapping.js';

/** What a pickle's persistent id says of a storage. */
export interface StorageId {
  key: string;
  dtype: DType;
  /** Elements. */
  length: number;
}

interface Base {
  tensor: Tensor;
  /** Elements between the start of libtorch's own storage (the whole mapping, or a copy) and the first one of this. */
  offset: number;
}

const MOST_DIMENSIONS = 64;

export class TorchStorages {
  readonly #mapping: Tensor;
  readonly #place: (id: StorageId) => number;
  readonly #copy: boolean;
  readonly #bases = new Map<string, Base>();
  readonly #made: Tensor[] = [];

  /** @param place gives the position of a storage in the file, once it has made sure that all its bytes are there */
  constructor(mapping: Tensor, place: (id: StorageId) => number, { copy }: { copy: boolean }) {
    this.#mapping = mapping;
    this.#place = place;
    this.#copy = copy;
  }

  /** @param dtype of the tensor, where the storage is only bytes @throws Error for a window that leaves the storage */
  window(id: StorageId, dtype: DType, offset: unknown, size: unknown, stride: unknown): Tensor {
    const length = (id.length * ITEM_SIZE[id.dtype]) / ITEM_SIZE[dtype];
    checkWindow(length, offset, size, stride);
    const base = this.#base(id, dtype);
    const at = base.offset + (offset as number);
    const tensor = ops.asStrided(base.tensor, size as number[], stride as number[], at);
    this.#made.push(tensor);
    return tensor;
  }

  /** Frees what was only needed meanwhile; after a failure, all. */
  close({ failed }: { failed: boolean }): void {
    for (const { tensor } of this.#bases.values()) tensor.dispose();
    if (failed) for (const tensor of this.#made) tensor.dispose();
  }

  /** One for a storage, so that tensors which shared memory in Python share it here. */
  #base(id: StorageId, dtype: DType): Base {
    const name = `${id.key} ${dtype}`;
    let base = this.#bases.get(name);
    if (base === undefined) {
      const begin = this.#place(id);
      const inPlace = !this.#copy && begin % ITEM_SIZE[dtype] === 0;
      const tensor = scope(() => {
        const found = elements(this.#mapping, dtype, begin, id.length * ITEM_SIZE[id.dtype]);
        return this.#copy ? found.clone() : found;
      });
      base = { tensor, offset: inPlace ? begin / ITEM_SIZE[dtype] : 0 };
      this.#bases.set(name, base);
    }
    return base;
  }
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_DIMENSIONS && value.every((n) => Number.isSafeInteger(n) && n >= 0);

function checkWindow(length: number, offset: unknown, size: unknown, stride: unknown): void {
  if (!isSizes(size) || !isSizes(stride) || !isSizes([offset]) || size.length !== stride.length) {
    throw new Error(`a tensor of shape [${String(size)}], strides [${String(stride)}], offset ${String(offset)}`);
  }
  const count = size.reduce((product, n) => product * n, 1);
  const reach = size.reduce((sum, n, i) => sum + (n - 1) * stride[i]!, offset as number);
  const end = count === 0 ? (offset as number) : reach + 1;
  if (!Number.isSafeInteger(count) || end > length) {
    throw new Error(`a tensor of shape [${size}], strides [${stride}], offset ${offset} in ${length} elements`);
  }
}
