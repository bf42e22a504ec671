/** @file How much a network computes for one image: multiply-adds of its convolutions and linear layers, as papers count them. */
import * as torch from '@twoview/torch';
import type { Encoder } from './create-model.js';

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
  model.eval(); // one image has no batch statistics
  torch.scope(() => torch.noGrad(() => model.forward(torch.zeros([1, 3, size, size]))));
  model.train(training);
  for (const layer of watched) Reflect.deleteProperty(layer, 'forward');
  return sum;
}
