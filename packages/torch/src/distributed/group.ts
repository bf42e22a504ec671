/**
 * @file Processes that compute together. Source: c10d, the engine of torch.distributed; Gloo carries tensors between CPUs.
 * All processes of the group must call a collective, in the same order, with tensors of the same shape, and are told who brings
 * what where they do not; when one of them is gone or late, the others get a TorchError PROCESS_GROUP from whatever operator exchanges tensors next.
 */
import { noGrad } from '../autograd.js';
import { zeros } from '../dispatch/functions.js';
import { unsafeOp } from '../dispatch/invoke.js';
import { dtypeCode } from '../dtype.js';
import { TorchError } from '../error.js';
import { guarded, native } from '../native.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type Meeting, requireExchange } from './environment.js';

/** In the order of native/group/group.h; the first four are batch norms'. */
const EXCHANGES = { allReduce: 4, broadcast: 5, allGather: 6, reduce: 7 } as const;

export class ProcessGroup implements Disposable {
  private constructor(
    readonly name: string,
    /** Number of this process, from 0. */
    readonly rank: number,
    /** Number of processes. */
    readonly size: number,
  ) {}

  /**
   * Waits until all processes have come.
   *
   * @throws TorchError PROCESS_GROUP when they have not in time, the address cannot be reached or taken, or libtorch is too new
   */
  static join(meeting: Meeting, name = 'world'): ProcessGroup {
    requireExchange(native().buildInfo().version);
    const { rank, size, host, port, timeout, networkInterface } = meeting;
    const options = { name, rank, size, host, port, timeout, interface: networkInterface };
    try {
      native().joinGroup(options);
      return new ProcessGroup(name, rank, size);
    } catch (error) {
      const text = error instanceof Error ? error.message.split('\n')[0]! : String(error);
      throw new TorchError('PROCESS_GROUP', `${size} processes could not meet at ${host}:${port}`, {
        where: `process ${rank}: ${text}`,
        next: [
          `start all ${size} within ${timeout / 1000} s, with the same MASTER_ADDR and MASTER_PORT`,
          'see that the port is free on the machine of process 0, and open to the others',
        ],
        cause: error,
      });
    }
  }

  /**
   * What every process has, one below the other: [N, ...] -> [size * N, ...]. Its gradient goes back to the process that each
   * row came from, summed over all.
   */
  allGather(x: Tensor): Tensor {
    this.agree('allGather', x);
    const all = unsafeOp(
      '_c10d_functional_autograd::all_gather_into_tensor',
      x.contiguous(),
      this.size,
      this.name,
    ) as Tensor;
    scope(() => noGrad(() => void arrived(all.detach()))); // the same memory; waiting has no gradient
    return all;
  }

  /** Replaces x, on every process, by the sum, mean or largest over all of them. */
  allReduce_(x: Tensor, how: 'sum' | 'mean' | 'max' = 'sum'): Tensor {
    this.agree('allReduce', x);
    return plainly(() => {
      // Gloo knows no mean.
      const sum = arrived(unsafeOp('_c10d_functional::all_reduce', x, how === 'max' ? 'max' : 'sum', this.name));
      return x.copy_(how === 'mean' ? sum.div(this.size) : sum);
    });
  }

  /** Replaces x, on every process, by what process `from` has. */
  broadcast_(x: Tensor, from = 0): Tensor {
    this.agree('broadcast', x);
    return plainly(() => x.copy_(arrived(unsafeOp('_c10d_functional::broadcast', x, from, this.name))));
  }

  /**
   * Waits until all processes are about to exchange the same thing.
   *
   * @internal
   * @throws TorchError PROCESS_GROUP with what each of them brings, where they are not
   */
  agree(exchange: keyof typeof EXCHANGES, x?: Tensor): void {
    guarded(exchange, () =>
      native().agreeOn(this.name, EXCHANGES[exchange], x === undefined ? 0 : dtypeCode(x.dtype), x?.shape ?? []),
    );
  }

  /** Waits until all are here. */
  barrier(): void {
    scope(() => void this.allReduce_(zeros([1])));
  }

  [Symbol.dispose](): void {
    native().leaveGroup(this.name);
  }
}

/** A collective returns at once; this waits for what it brings. @throws TorchError PROCESS_GROUP */
const arrived = (pending: unknown): Tensor => unsafeOp('_c10d_functional::wait_tensor', pending as Tensor) as Tensor;

const plainly = (body: () => Tensor): Tensor => scope(() => noGrad(body));
