/** @file Attention with several heads, and a layer of a Transformer. Source: torch/nn/modules/activation.py, transformer.py. */
import { empty, zeros } from '../dispatch/functions.js';
import { ops } from '../dispatch/methods.js';
import { baddbmm } from '../generated/functions.js';
import type { Tensor } from '../tensor.js';
import { Dropout } from './activations.js';
import { constant, xavierUniform } from './init.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import type { InitOptions } from './options.js';
import { ModuleList } from './sequential.js';

export interface AttentionOptions extends InitOptions {
  dropout?: number;
  bias?: boolean;
  /** True for [N, T, E]; by default, as in PyTorch, [T, N, E]. */
  batchFirst?: boolean;
}

export interface AttentionMasks {
  /** Of [N, S]; true, or -Infinity, where a key is not to be looked at. */
  keyPaddingMask?: Tensor | null;
  /** Of [T, S] or [N * heads, T, S]; true, or -Infinity, where a query may not look at a key. */
  attnMask?: Tensor | null;
  /** Queries look at no later key; the mask is made here. */
  isCausal?: boolean;
  /** Whether the weights [N, T, S] come back too, which costs memory. */
  needWeights?: boolean;
}

/** Vaswani et al. 2017, arXiv 1706.03762. Keys in_proj_weight, in_proj_bias, out_proj.weight, out_proj.bias. */
export class MultiheadAttention extends Module {
  readonly inProjWeight: Tensor;
  readonly inProjBias: Tensor | null;
  readonly outProj: Linear;
  readonly #dropout: number;
  readonly #batchFirst: boolean;

  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    { dropout = 0, bias = true, batchFirst = false, generator }: AttentionOptions = {},
  ) {
    super();
    this.#dropout = dropout;
    this.#batchFirst = batchFirst;
    this.inProjWeight = this.parameter('in_proj_weight', empty([3 * embedDim, embedDim]));
    this.inProjBias = bias ? this.parameter('in_proj_bias', zeros([3 * embedDim])) : null;
    this.outProj = this.child('out_proj', new Linear(embedDim, embedDim, { bias, generator }));
    xavierUniform(this.inProjWeight, { generator }); // drawn after the other, as in PyTorch
    if (this.outProj.bias !== null) constant(this.outProj.bias, 0);
  }

  /** @returns the output in the layout of the query, and the weights averaged over heads, or null */
  forward(query: Tensor, key: Tensor, value: Tensor, masks: AttentionMasks = {}): [Tensor, Tensor | null] {
    const { needWeights = true } = masks;
    const [q, k, v] = this.#project(query, key, value).map((one) => this.#heads(one)) as [Tensor, Tensor, Tensor];
    const mask = this.#mask(q, k, masks);
    const dropout = this.training ? this.#dropout : 0;
    let heads: Tensor; // [N, heads, T, E / heads]
    let weights: Tensor | null = null;
    if (needWeights) {
      weights = softmaxOf(q, k, mask);
      heads = (dropout > 0 ? weights.dropout(dropout, true) : weights).matmul(v);
    } else heads = ops.scaledDotProductAttention(q, k, v, mask, dropout, false);
    const joined = heads.transpose(1, 2).flatten(2); // [N, T, E]
    const out = this.outProj.forward(
      query.ndim === 2 ? joined.squeeze(0) : this.#batchFirst ? joined : joined.transpose(0, 1),
    );
    const mean = weights === null ? null : weights.mean(1);
    return [out, query.ndim === 2 ? (mean?.squeeze(0) ?? null) : mean];
  }

  /** Queries, keys and values, in one product where they come of one tensor. */
  #project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    if (query === key && key === value) return query.linear(this.inProjWeight, this.inProjBias).chunk(3, -1);
    const weights = this.inProjWeight.chunk(3);
    const biases = this.inProjBias?.chunk(3);
    return [query, key, value].map((x, i) => x.linear(weights[i]!, biases?.[i] ?? null));
  }

  /** [T, N, E], [N, T, E] or [T, E] -> [N, heads, T, E / heads]. */
  #heads(x: Tensor): Tensor {
    const batched = x.ndim === 2 ? x.unsqueeze(0) : this.#batchFirst ? x : x.transpose(0, 1);
    return batched.unflatten(2, [this.numHeads, this.embedDim / this.numHeads]).transpose(1, 2);
  }

  /** All masks as one that is added to the products [N, heads, T, S], or null. */
  #mask(
    q: Tensor,
    k: Tensor,
    { keyPaddingMask = null, attnMask = null, isCausal = false }: AttentionMasks,
  ): Tensor | null {
    const [n, heads, t] = q.shape as [number, number, number];
    const s = k.shape[2]!;
    const parts: Tensor[] = [];
    if (attnMask !== null)
      parts.push(additive(attnMask, q).view(attnMask.ndim === 2 ? [1, 1, t, s] : [n, heads, t, s]));
    else if (isCausal)
      parts.push(additive(ops.ones([t, s], { dtype: 'bool', device: q.device }).triu(1), q).view([1, 1, t, s]));
    if (keyPaddingMask !== null) parts.push(additive(keyPaddingMask, q).view([-1, 1, 1, s]));
    return parts.length === 0 ? null : parts.reduce((a, b) => a.add(b));
  }
}

function additive(mask: Tensor, like: Tensor): Tensor {
  if (mask.dtype !== 'bool') return mask.to(like.dtype);
  return mask.to(like.dtype).zero_().maskedFill(mask, Number.NEGATIVE_INFINITY);
}

/** [N, heads, T, S] */
function softmaxOf(q: Tensor, k: Tensor, mask: Tensor | null): Tensor {
  const scaled = q.mul(Math.sqrt(1 / q.shape[3]!));
  const products =
    mask === null
      ? scaled.matmul(k.transpose(-2, -1))
      : baddbmm(
          mask.expand([...q.shape.slice(0, 3), k.shape[2]!]).flatten(0, 1),
          scaled.flatten(0, 1),
          k.transpose(-2, -1).flatten(0, 1),
        ).view([...q.shape.slice(0, 3), k.shape[2]!]);
  return products.softmax(-1);
}

export interface EncoderLayerOptions extends AttentionOptions {
  dimFeedforward?: number;
  activation?: 'relu' | 'gelu';
  layerNormEps?: number;
  /** Norms before attention and before the products, which trains more easily; after them by default. */
  normFirst?: boolean;
}

/** Attention among the tokens, then two linear layers on each: torch.nn.TransformerEncoderLayer. */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly #dropouts: readonly [Dropout, Dropout, Dropout];
  readonly #activation: 'relu' | 'gelu';
  readonly #normFirst: boolean;

  constructor(dModel: number, nhead: number, options: EncoderLayerOptions = {}) {
    super();
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps: eps = 1e-5 } = options;
    const { normFirst = false, batchFirst = false, bias = true, generator } = options;
    this.#activation = activation;
    this.#normFirst = normFirst;
    const attention = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, bias, generator });
    this.selfAttn = this.child('self_attn', attention);
    this.linear1 = this.child('linear1', new Linear(dModel, dimFeedforward, { bias, generator }));
    const inner = this.child('dropout', new Dropout(dropout));
    this.linear2 = this.child('linear2', new Linear(dimFeedforward, dModel, { bias, generator }));
    this.norm1 = this.child('norm1', new LayerNorm(dModel, { eps, bias }));
    this.norm2 = this.child('norm2', new LayerNorm(dModel, { eps, bias }));
    this.#dropouts = [
      inner,
      this.child('dropout1', new Dropout(dropout)),
      this.child('dropout2', new Dropout(dropout)),
    ];
  }

  forward(x: Tensor, masks: Omit<AttentionMasks, 'needWeights'> = {}): Tensor {
    if (this.#normFirst) {
      const y = x.add(this.#attend(this.norm1.forward(x), masks));
      return y.add(this.#feed(this.norm2.forward(y)));
    }
    const y = this.norm1.forward(x.add(this.#attend(x, masks)));
    return this.norm2.forward(y.add(this.#feed(y)));
  }

  #attend(x: Tensor, masks: AttentionMasks): Tensor {
    return this.#dropouts[1].forward(this.selfAttn.forward(x, x, x, { ...masks, needWeights: false })[0]);
  }

  #feed(x: Tensor): Tensor {
    const hidden = this.linear1.forward(x);
    const active = this.#activation === 'relu' ? hidden.relu() : hidden.gelu();
    return this.#dropouts[2].forward(this.linear2.forward(this.#dropouts[0].forward(active)));
  }
}

/** Such layers in a row. PyTorch copies one layer, first weights included; here each draws its own. */
export class TransformerEncoder extends Module {
  readonly layers: ModuleList<TransformerEncoderLayer>;
  readonly norm: LayerNorm | null;

  /** @param layer makes one of the layers */
  constructor(
    layer: () => TransformerEncoderLayer,
    numLayers: number,
    { norm = null }: { norm?: LayerNorm | null } = {},
  ) {
    super();
    this.layers = this.child('layers', new ModuleList(Array.from({ length: numLayers }, layer)));
    this.norm = norm === null ? null : this.child('norm', norm);
  }

  forward(x: Tensor, masks: Omit<AttentionMasks, 'needWeights'> = {}): Tensor {
    let y = x;
    for (const layer of this.layers) y = layer.forward(y, masks);
    return this.norm?.forward(y) ?? y;
  }
}
