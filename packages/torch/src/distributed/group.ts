/**
 * @file Processes that compute together. Source: c10d, the engine of torch.distributed; Gloo carries tensors between CPUs.
 * A collective is one that all processes of the group call, in the same order, with tensors of the same shape.
 */
import { noGrad } from '../autograd.js';
import { TorchError } from '../error.js';
import { zeros } from '../functions.js';
import { op } from '../invoke.js';
import { guarded, native } from '../native.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Meeting } from './environment.js';

const PYTORCH_NAMES = { sum: 'sum', mean: 'avg', max: 'max' } as const;

export class ProcessGroup implements Disposable {
  private constructor(
    readonly name: string,
    /** Number of this process, from 0. */
    readonly rank: number,
    /** Number of processes. */
    readonly size: number,
    /** Milliseconds that a collective may take. */
    readonly timeout: number,
  ) {}

  /**
   * Waits until all processes have come.
   *
   * @throws TorchError PROCESS_GROUP when they have not in time, or the address cannot be reached or taken
   */
  static join(meeting: Meeting, name = 'world'): ProcessGroup {
    const { rank, size, host, port, timeout, networkInterface } = meeting;
    const options = { name, rank, size, host, port, timeout, interface: networkInterface };
    failing(`joining ${size} processes at ${host}:${port} as number ${rank}`, timeout, () =>
      guarded('joinGroup', () => native().joinGroup(options)),
    );
    return new ProcessGroup(name, rank, size, timeout);
  }

  /**
   * What every process has, one below the other: [N, ...] -> [size * N, ...]. Its gradient goes back to the process that each
   * row came from, summed over all.
   */
  allGather(x: Tensor): Tensor {
    return this.#collective('gathering', () => {
      const all = op(
        '_c10d_functional_autograd::all_gather_into_tensor',
        x.contiguous(),
        this.size,
        this.name,
      ) as Tensor;
      scope(() => noGrad(() => void one(all.detach()))); // the same memory; waiting has no gradient
      return all;
    });
  }

  /** Replaces x, on every process, by the sum, mean or largest over all of them. */
  allReduce_(x: Tensor, how: keyof typeof PYTORCH_NAMES = 'sum'): Tensor {
    return this.#without('reducing', () => {
      // Gloo knows no mean.
      const sum = one(op('_c10d_functional::all_reduce', x, how === 'max' ? 'max' : 'sum', this.name));
      return x.copy_(how === 'mean' ? sum.div(this.size) : sum);
    });
  }

  /** Replaces x, on every process, by what process `from` has. */
  broadcast_(x: Tensor, from = 0): Tensor {
    return this.#without('broadcasting', () => x.copy_(one(op('_c10d_functional::broadcast', x, from, this.name))));
  }

  /** Waits until all are here. */
  barrier(): void {
    scope(() => void this.allReduce_(zeros([1])));
  }

  [Symbol.dispose](): void {
    native().leaveGroup(this.name);
  }

  #without(what: string, body: () => Tensor): Tensor {
    return this.#collective(what, () => scope(() => noGrad(body)));
  }

  #collective(what: string, body: () => Tensor): Tensor {
    return failing(`${what} over ${this.size} processes, in process ${this.rank}`, this.timeout, body);
  }
}

/** A collective returns at once; this waits for what it brings. */
const one = (pending: unknown): Tensor => op('_c10d_functional::wait_tensor', pending as Tensor) as Tensor;

/** @throws TorchError PROCESS_GROUP with libtorch's own words */
export function failing<T>(what: string, timeout: number, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new TorchError(
      'PROCESS_GROUP',
      `${what} failed: another process is gone, or did not answer in ${timeout / 1000} s`,
      {
        where: error.message.split('\n')[0]!,
        next: ['read what the other processes said last: the first to fail knows why'],
        cause: error,
      },
    );
  }
}
