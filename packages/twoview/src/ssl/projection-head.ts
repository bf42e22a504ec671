/**
 * @file The projection head g: z = W2 ReLU(BN(W1 h)). Source: Chen et al. 2020, section 2.1 and appendix B.
 * As in google-research/simclr, the hidden layer is as wide as h and is normalised; the output layer has no bias.
 */
import * as torch from '@twoview/torch';

const { BatchNorm1d, Linear, ReLU, Sequential } = torch.nn;

/** [N, featureSize] -> [N, outputs]. */
export function projectionHead(
  featureSize: number,
  {
    hidden = featureSize,
    outputs = 128,
    generator,
  }: { hidden?: number; outputs?: number; generator?: torch.Generator } = {},
) {
  return new Sequential([
    new Linear(featureSize, hidden, { bias: false, generator }),
    new BatchNorm1d(hidden),
    new ReLU(),
    new Linear(hidden, outputs, { bias: false, generator }),
  ]);
}
