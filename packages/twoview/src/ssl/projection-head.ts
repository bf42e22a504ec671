/**
 * @file The projection head g: z = W2 ReLU(BN(W1 h)), or with more such layers, as in SimCLRv2. Source: Chen et al. 2020,
 * arXiv 2002.05709, section 2.1 and appendix B; 2006.10029, section 2. As in google-research/simclr, hidden layers are as wide
 * as h and are normalised; the output layer has no bias.
 */
import * as torch from '@twoview/torch';

const { BatchNorm1d, Linear, ReLU, Sequential } = torch.nn;

/**
 * [N, featureSize] -> [N, outputs].
 *
 * @param layers linear layers, the last one included
 */
export function projectionHead(
  featureSize: number,
  {
    hidden = featureSize,
    outputs = 128,
    layers = 2,
    generator,
  }: { hidden?: number; outputs?: number; layers?: number; generator?: torch.Generator } = {},
) {
  const widths = [featureSize, ...new Array<number>(layers - 1).fill(hidden)];
  return new Sequential([
    ...widths
      .slice(1)
      .flatMap((width, i) => [
        new Linear(widths[i]!, width, { bias: false, generator }),
        new BatchNorm1d(width),
        new ReLU(),
      ]),
    new Linear(widths.at(-1)!, outputs, { bias: false, generator }),
  ]);
}
