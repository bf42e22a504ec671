/**
 * @file The losses of a training's steps, read when they are there. A GPU computes long after it was asked: reading a loss at once would
 * have it run dry while the CPU prepares the next step, so on a GPU each is read some steps later, from memory that it wrote by itself.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

/** Steps that a GPU is asked for ahead: enough that it never waits, few enough that a loss that is not finite stops the run soon. */
const AHEAD = 2;

interface Waiting<About> {
  about: About;
  /** [] on the CPU, whole once the event is reached. */
  value: Tensor;
  written: torch.cuda.Event | null;
}

export class LateLosses<About> implements Disposable {
  readonly #waiting: Waiting<About>[] = [];
  readonly #arrived: (loss: number, about: About) => void;
  readonly #ahead: number;

  /**
   * @param arrived called for each loss, in the order of the steps; it may throw
   * @param ahead losses that may be outstanding after a step
   */
  constructor(device: string, arrived: (loss: number, about: About) => void, ahead = device === 'cpu' ? 0 : AHEAD) {
    this.#arrived = arrived;
    this.#ahead = ahead;
  }

  /** @param loss [] @param about what belongs to it */
  push(loss: Tensor, about: About): void {
    const onGpu = loss.device.startsWith('cuda');
    const value = torch.scope(() => {
      if (!onGpu) return torch.keep(loss.detach().clone());
      const pinned = torch.ops.empty([], { dtype: loss.dtype, pinMemory: true });
      return torch.keep(pinned.copy_(loss.detach(), { nonBlocking: true }));
    });
    this.#waiting.push({ about, value, written: onGpu ? new torch.cuda.Event(loss.device) : null });
    while (this.#waiting.length > this.#ahead) this.#read();
  }

  /** Waits for all that is outstanding: before a checkpoint, and at the end of an epoch. */
  drain(): void {
    while (this.#waiting.length > 0) this.#read();
  }

  #read(): void {
    const { about, value, written } = this.#waiting.shift()!;
    written?.synchronize();
    const loss = value.hostValue();
    value.dispose();
    this.#arrived(loss, about);
  }

  [Symbol.dispose](): void {
    for (const { value } of this.#waiting.splice(0)) value.dispose();
  }
}
