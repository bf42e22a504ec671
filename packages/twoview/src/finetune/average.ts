/**
 * @file The mean of the weights over the last steps, which is often better than the last weights. Polyak and Juditsky 1992;
 * as an exponential mean, with its start corrected, as in Adam: Kingma and Ba 2015, arXiv 1412.6980, section 3.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

export class WeightAverage {
  readonly #model: torch.nn.Module;
  readonly #decay: number;
  readonly #mean: Record<string, Tensor>;
  #steps = 0;

  /** @param decay share of the mean that a step keeps, below 1 */
  constructor(model: torch.nn.Module, decay: number) {
    this.#model = model;
    this.#decay = decay;
    const floats = Object.entries(model.stateDict()).filter(([, tensor]) => tensor.dtype !== 'int64');
    this.#mean = Object.fromEntries(floats.map(([key, tensor]) => [key, torch.scope(() => tensor.detach().clone())]));
  }

  /** Takes the model's weights and statistics in. */
  update(): void {
    this.#steps++;
    // A mean of all steps so far, until there are as many as the decay remembers.
    const share = Math.max(1 - this.#decay, 1 / this.#steps);
    const state = this.#model.stateDict();
    const keys = Object.keys(this.#mean);
    torch.noGrad(() =>
      torch.ops._foreachLerp_(
        keys.map((key) => this.#mean[key]!),
        keys.map((key) => state[key]!),
        share,
      ),
    );
  }

  /** Puts the mean into the model. */
  intoModel(): void {
    if (this.#steps === 0) return;
    torch.noGrad(() => void this.#model.loadStateDict(this.#mean, { strict: false }));
  }

  stateDict(): Record<string, Tensor> {
    return this.#mean;
  }

  /** @param steps updates that led to this state */
  loadStateDict(state: Record<string, Tensor>, steps: number): void {
    this.#steps = steps;
    torch.noGrad(() => {
      for (const [key, tensor] of Object.entries(this.#mean)) tensor.copy_(state[key]!);
    });
  }

  [Symbol.dispose](): void {
    for (const tensor of Object.values(this.#mean)) tensor.dispose();
  }
}
