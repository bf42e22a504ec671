/** @file The images of each step: every epoch shuffles them anew and cuts them into whole batches; any step can be asked for. */
import * as torch from '@twoview/torch';
import { shuffledIndices } from './indices.js';

export class EpochOrder implements Disposable {
  readonly stepsPerEpoch: number;
  readonly #indices: readonly number[];
  readonly #batchSize: number;
  readonly #seed: number;
  #epoch = -1;
  #order: torch.Tensor | null = null;

  constructor(indices: readonly number[], batchSize: number, seed: number) {
    this.stepsPerEpoch = Math.floor(indices.length / batchSize);
    this.#indices = indices;
    this.#batchSize = batchSize;
    this.#seed = seed;
  }

  /** @returns [N] int64, the indices of a step's images */
  batch(step: number): torch.Tensor {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.#epoch || this.#order === null) {
      this.#order?.dispose();
      this.#order = torch.keep(shuffledIndices(this.#indices, this.#seed, epoch));
      this.#epoch = epoch;
    }
    return this.#order.narrow(0, (step % this.stepsPerEpoch) * this.#batchSize, this.#batchSize);
  }

  [Symbol.dispose](): void {
    this.#order?.dispose();
  }
}
