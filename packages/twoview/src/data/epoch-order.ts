/** @file The images of each step: every epoch shuffles them anew and cuts them into whole batches; any step can be asked for. */
import * as torch from '@twoview/torch';
import { shuffledIndices } from './indices.js';

export class EpochOrder implements Disposable {
  readonly stepsPerEpoch: number;
  readonly #indices: readonly number[];
  readonly #batchSize: number;
  readonly #seed: number;
  readonly #device: string;
  #epoch = -1;
  #order: torch.Tensor | null = null;

  /** @param device where the indices of a batch lie; those of a whole epoch go there at its first step */
  constructor(indices: readonly number[], batchSize: number, seed: number, device = 'cpu') {
    this.stepsPerEpoch = Math.floor(indices.length / batchSize);
    this.#indices = indices;
    this.#batchSize = batchSize;
    this.#seed = seed;
    this.#device = device;
  }

  /** @returns [N] int64, the indices of a step's images */
  batch(step: number): torch.Tensor {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch || this.#order === null) {
      this.#order?.dispose();
      this.#order = torch.keep(torch.scope(() => shuffledIndices(this.#indices, this.#seed, epoch).to(this.#device)));
      this.#epoch = epoch;
    }
    return this.#order.narrow(0, (step % this.stepsPerEpoch) * this.#batchSize, this.#batchSize);
  }

  [Symbol.dispose](): void {
    this.#order?.dispose();
  }
}
