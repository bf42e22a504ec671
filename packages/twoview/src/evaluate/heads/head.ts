/** @file A linear classifier on representations, with how its strength of regularisation was chosen. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Choice } from './choose.js';
import type { Scale } from './scale.js';

export interface Head extends Disposable {
  /** [C, d] float32, for representations as they are. */
  weight: Tensor;
  /** [C] */
  bias: Tensor;
  choice: Choice;
  /** @param features [N, d] @returns [N, C], divided by the temperature */
  logits(features: Tensor): Tensor;
  /** @param features [N, d] @returns [N, C], each row a distribution */
  probabilities(features: Tensor): Tensor;
}

/** Of scaled representations. */
export interface Linear {
  /** [C, d] */
  weight: Tensor;
  /** [C] */
  bias: Tensor;
}

/** Scale and temperature go into weight and bias: nothing but a product is left to compute. */
export function headOf(linear: Linear, { mean, factor }: Scale, choice: Choice): Head {
  const { weight, bias } = torch.scope(() => {
    const [w, b] = [linear.weight, linear.bias].map((x) => x.to('float64').div(choice.temperature)) as [Tensor, Tensor];
    const folded = w.mul(factor.to('float64'));
    return { weight: folded.to('float32'), bias: b.sub(folded.mv(mean.to('float64'))).to('float32') };
  });
  const logits = (features: Tensor) => torch.scope(() => torch.noGrad(() => torch.ops.linear(features, weight, bias)));
  return {
    ...{ weight, bias, choice, logits },
    probabilities: (features) => torch.scope(() => torch.softmax(logits(features), 1)),
    [Symbol.dispose]() {
      weight.dispose();
      bias.dispose();
    },
  };
}
