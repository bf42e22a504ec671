/** @file y = x W^T + b. Source: torch.nn.Linear. */
import { empty } from '../dispatch/functions.js';
import type { Generator } from '../random.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { defaultUniform } from './init.js';
import { Module } from './module.js';

/** [..., in] -> [..., out]. */
export class Linear extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    { bias = true, generator }: { bias?: boolean; generator?: Generator | undefined } = {},
  ) {
    super();
    this.weight = this.parameter('weight', defaultUniform(empty([outFeatures, inFeatures]), inFeatures, { generator }));
    this.bias = bias ? this.parameter('bias', defaultUniform(empty([outFeatures]), inFeatures, { generator })) : null;
  }

  forward(x: Tensor): Tensor {
    return x.linear(this.weight, this.bias);
  }

  protected override extraRepr(): string {
    const bias = this.bias !== null;
    return settings(['in_features', this.inFeatures], ['out_features', this.outFeatures], ['bias', bias]);
  }
}
