/**
 * @file Gradients, averaged over processes while the backward pass still runs. Source: c10d::Reducer, the engine of
 * torch.nn.parallel.DistributedDataParallel: gradients travel in buckets, the last layers' first.
 */
import { guarded, native } from '../native.js';
import { Tensor } from '../tensor.js';
import type { ProcessGroup } from './group.js';

/** PyTorch's own: large enough for the network, small enough to travel early. */
const BUCKET_BYTES = 25 << 20;
const FIRST_BUCKET_BYTES = 1 << 20;

export class Reducer implements Disposable {
  readonly #id: number;
  readonly #group: ProcessGroup;

  /**
   * @param parameters in the same order on every process; every one must get a gradient in each backward pass
   * @throws TorchError OPERATOR when they differ in number or shape from those of other processes, PROCESS_GROUP
   */
  constructor(parameters: readonly Tensor[], group: ProcessGroup) {
    const ids = parameters.map(Tensor.idOf);
    this.#group = group;
    this.#id = guarded('newReducer', () => native().newReducer(ids, group.name, BUCKET_BYTES, FIRST_BUCKET_BYTES));
  }

  /** Runs a backward pass; afterwards every process has the mean of all gradients. It must call `backward` once. */
  during<T>(body: () => T): T {
    this.#group.agree('reduce');
    guarded('prepareReducer', () => native().prepareReducer(this.#id));
    return body();
  }

  [Symbol.dispose](): void {
    native().freeReducer(this.#id);
  }
}
