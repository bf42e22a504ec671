/**
 * @file Gradients, averaged over processes while the backward pass still runs. Source: c10d::Reducer, the engine of
 * torch.nn.parallel.DistributedDataParallel: gradients travel in buckets, the last layers' first.
 */
import { native } from '../native.js';
import { Tensor } from '../tensor.js';
import { failing, type ProcessGroup } from './group.js';

/** PyTorch's own: large enough for the network, small enough to travel early. */
const BUCKET_BYTES = 25 << 20;
const FIRST_BUCKET_BYTES = 1 << 20;

export class Reducer implements Disposable {
  readonly #id: number;
  readonly #group: ProcessGroup;

  /**
   * @param parameters in the same order on every process; every one must get a gradient in each backward pass
   * @throws TorchError PROCESS_GROUP when they differ in number or shape from those of other processes
   */
  constructor(parameters: readonly Tensor[], group: ProcessGroup) {
    this.#group = group;
    const ids = parameters.map(Tensor.idOf);
    this.#id = this.#failing('comparing parameters', () =>
      native().newReducer(ids, group.name, BUCKET_BYTES, FIRST_BUCKET_BYTES),
    );
  }

  /** Runs a backward pass; afterwards every process has the mean of all gradients. It must call `backward` once. */
  during<T>(body: () => T): T {
    return this.#failing('averaging gradients', () => {
      native().prepareReducer(this.#id);
      return body();
    });
  }

  [Symbol.dispose](): void {
    native().freeReducer(this.#id);
  }

  #failing<T>(what: string, body: () => T): T {
    const { size, rank, timeout } = this.#group;
    return failing(`${what} over ${size} processes, in process ${rank}`, timeout, body);
  }
}
