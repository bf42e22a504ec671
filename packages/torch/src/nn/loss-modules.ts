/** @file Losses as modules: the functions of losses.ts with their options kept. Source: torch/nn/modules/loss.py. */
import { crossEntropy } from '../dispatch/functions.js';
import { Tensor } from '../tensor.js';
import * as losses from './losses.js';
import { Module } from './module.js';

type Rest<F> = F extends (...args: [...infer Tensors, options?: infer Options]) => Tensor
  ? { tensors: Tensors; options: Exclude<Options, undefined> }
  : never;

/** A class whose `forward` takes the tensors of a loss, and whose constructor its options. */
function lossModule<F extends (...args: never[]) => Tensor>(
  loss: F,
): new (
  options?: Rest<F>['options'],
) => Module & { forward(...tensors: Rest<F>['tensors']): Tensor } {
  return class extends Module {
    constructor(readonly options: Record<string, unknown> = {}) {
      super();
      // As in PyTorch: they move and are saved with the module.
      if (options.weight instanceof Tensor) this.buffer('weight', options.weight);
      if (options.posWeight instanceof Tensor) this.buffer('pos_weight', options.posWeight);
    }

    forward(...tensors: unknown[]): Tensor {
      return (loss as unknown as (...args: unknown[]) => Tensor)(...tensors, this.options);
    }
  };
}

export class CrossEntropyLoss extends lossModule(
  (logits: Tensor, target: Tensor, options?: Parameters<typeof crossEntropy>[2]) =>
    crossEntropy(logits, target, options),
) {}
export class MSELoss extends lossModule(losses.mseLoss) {}
export class L1Loss extends lossModule(losses.l1Loss) {}
export class HuberLoss extends lossModule(losses.huberLoss) {}
export class SmoothL1Loss extends lossModule(losses.smoothL1Loss) {}
export class BCELoss extends lossModule(losses.binaryCrossEntropy) {}
export class BCEWithLogitsLoss extends lossModule(losses.binaryCrossEntropyWithLogits) {}
export class NLLLoss extends lossModule(losses.nllLoss) {}
export class KLDivLoss extends lossModule(losses.klDiv) {}
export class CosineEmbeddingLoss extends lossModule(losses.cosineEmbeddingLoss) {}
export class TripletMarginLoss extends lossModule(losses.tripletMarginLoss) {}
