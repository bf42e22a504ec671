/** @file Recurrent networks over whole sequences, on libtorch's own kernels. Source: torch/nn/modules/rnn.py. */
import { empty } from '../dispatch/functions.js';
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { settings } from './describe.js';
import { uniform } from './init.js';
import { Module } from './module.js';
import type { InitOptions } from './options.js';

export interface RecurrentOptions extends InitOptions {
  numLayers?: number;
  bias?: boolean;
  /** True for [N, T, in]; by default, as in PyTorch, [T, N, in]. */
  batchFirst?: boolean;
  /** Between layers, in training. */
  dropout?: number;
  bidirectional?: boolean;
}

abstract class Recurrent extends Module {
  protected readonly all: Tensor[] = [];
  readonly numLayers: number;
  readonly bidirectional: boolean;

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    gates: number,
    protected readonly options: RecurrentOptions,
  ) {
    super();
    const { numLayers = 1, bias = true, bidirectional = false, generator } = options;
    this.numLayers = numLayers;
    this.bidirectional = bidirectional;
    const bound = 1 / Math.sqrt(hiddenSize);
    const rows = gates * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const inputs = layer === 0 ? inputSize : hiddenSize * (bidirectional ? 2 : 1);
      for (const direction of bidirectional ? ['', '_reverse'] : ['']) {
        const shapes = { weight_ih: [rows, inputs], weight_hh: [rows, hiddenSize], bias_ih: [rows], bias_hh: [rows] };
        for (const [name, shape] of Object.entries(shapes)) {
          if (!bias && name.startsWith('bias')) continue;
          const drawn = uniform(empty(shape), -bound, bound, { generator });
          this.all.push(this.parameter(`${name}_l${layer}${direction}`, drawn));
        }
      }
    }
  }

  /** What libtorch wants behind the states. */
  protected settings(): [Tensor[], boolean, number, number, boolean, boolean, boolean] {
    const { bias = true, dropout = 0, batchFirst = false } = this.options;
    return [this.all, bias, this.numLayers, dropout, this.training, this.bidirectional, batchFirst];
  }

  /** A first state of zeros, for sequences [T, N, in], [N, T, in] or, without a batch, [T, in]. */
  protected zeroState(x: Tensor): Tensor {
    const layers = this.numLayers * (this.bidirectional ? 2 : 1);
    const batch = x.ndim === 2 ? [] : [x.shape[this.options.batchFirst ? 0 : 1]!];
    return x.newZeros([layers, ...batch, this.hiddenSize]);
  }

  protected override extraRepr(): string {
    const { bias = true, batchFirst = false, dropout = 0 } = this.options;
    return settings(
      `${this.inputSize}, ${this.hiddenSize}`,
      this.numLayers === 1 ? null : ['num_layers', this.numLayers],
      bias ? null : ['bias', false],
      batchFirst ? ['batch_first', true] : null,
      dropout === 0 ? null : ['dropout', dropout],
      this.bidirectional ? ['bidirectional', true] : null,
    );
  }
}

/** A sequence without a batch is a batch of one: libtorch's own kernels want three dimensions. */
function batched<R extends readonly [Tensor, ...Tensor[]]>(
  x: Tensor,
  states: Tensor[],
  batchFirst: boolean,
  run: (x: Tensor, states: Tensor[]) => R,
): R {
  if (x.ndim !== 2) return run(x, states);
  const dim = batchFirst ? 0 : 1;
  const [out, ...last] = run(
    x.unsqueeze(dim),
    states.map((state) => state.unsqueeze(1)),
  );
  return [out.squeeze(dim), ...last.map((state) => state.squeeze(1))] as unknown as R;
}

/** Hochreiter and Schmidhuber 1997. forward(x, [h, c]) -> [output of every step, [last h, last c]]. */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  forward(x: Tensor, states?: readonly [Tensor, Tensor]): [Tensor, [Tensor, Tensor]] {
    const first = states === undefined ? [this.zeroState(x), this.zeroState(x)] : [...states];
    const [out, h, c] = batched(x, first, this.options.batchFirst ?? false, (input, hidden) =>
      ops.lstm(input, hidden, ...this.settings()),
    );
    return [out, [h, c]];
  }
}

/** Cho et al. 2014, arXiv 1406.1078. forward(x, h) -> [output of every step, last h]. */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  forward(x: Tensor, state?: Tensor): [Tensor, Tensor] {
    return batched(x, [state ?? this.zeroState(x)], this.options.batchFirst ?? false, (input, [hidden]) =>
      ops.gru(input, hidden!, ...this.settings()),
    );
  }
}

/** Elman's. forward(x, h) -> [output of every step, last h]. */
export class RNN extends Recurrent {
  readonly #nonlinearity: 'tanh' | 'relu';

  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = 'tanh', ...options }: RecurrentOptions & { nonlinearity?: 'tanh' | 'relu' } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    this.#nonlinearity = nonlinearity;
  }

  forward(x: Tensor, state?: Tensor): [Tensor, Tensor] {
    const run = this.#nonlinearity === 'tanh' ? ops.rnnTanh : ops.rnnRelu;
    return batched(x, [state ?? this.zeroState(x)], this.options.batchFirst ?? false, (input, [hidden]) =>
      run(input, hidden!, ...this.settings()),
    );
  }
}
