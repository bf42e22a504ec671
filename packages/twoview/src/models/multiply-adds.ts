/** @file How much a network computes: multiply-adds of its convolutions and linear layers, as papers count them, and operations of a training. */
import * as torch from '@twoview/torch';
import type { Encoder } from './create-model.js';

/** A backward pass multiplies twice what the forward pass did: for the gradients of inputs and of weights. */
export const TRAINING_PASSES = 3;

/** @param size side of the image in pixels @returns multiply-adds of one forward pass of one image */
export function multiplyAdds(model: Encoder, size: number): number {
  let sum = 0;
  const watched = [...model.modules()].filter(
    (module) => module instanceof torch.nn.Conv2d || module instanceof torch.nn.Linear,
  );
  for (const layer of watched) {
    const forward = layer.forward.bind(layer);
    layer.forward = (x) => {
      const out = forward(x);
      const perOutput = layer.weight.numel() / layer.weight.shape[0]!;
      sum += out.numel() * perOutput;
      return out;
    };
  }
  const { training } = model;
  const { device = 'cpu', dtype = 'float32' } = model.parameters()[0] ?? {};
  model.eval(); // one image has no batch statistics
  torch.scope(() => torch.noGrad(() => void model.forward(torch.zeros([1, 3, size, size], { device, dtype }))));
  model.train(training);
  for (const layer of watched) Reflect.deleteProperty(layer, 'forward');
  return sum;
}

/**
 * Floating-point operations of a training, two for a multiply-add; without views, norms, loss, optimizer and what is evaluated.
 *
 * @param images how many went through, by their side in pixels
 */
export function trainingFlops(model: Encoder, images: ReadonlyMap<number, number>): number {
  let flops = 0;
  for (const [side, count] of images) flops += 2 * TRAINING_PASSES * multiplyAdds(model, side) * count;
  return flops;
}
