/**
 * @file Muon: the momentum of each matrix is orthogonalised before it becomes a step, so that all its directions move alike; vectors go by
 * AdamW. Source: Keller Jordan 2024, kellerjordan.github.io/posts/muon, as torch.optim.Muon with adjust_lr_fn="match_rms_adamw" (Liu et al.
 * 2025, arXiv 2502.16982, section 2.2: steps as long as AdamW's, so that both share a learning rate). A convolution's weight is the matrix
 * [out, in * height * width].
 */
import { ops } from '../dispatch/methods.js';
import type { Tensor } from '../tensor.js';
import { AdamW } from './adam.js';
import type { Slice } from './optimizer.js';
import type { Parameters } from './parameters.js';

export interface MuonOptions {
  lr?: number;
  weightDecay?: number;
  momentum?: number;
  /** Of vectors. */
  betas?: readonly [number, number];
}

/** Coefficients of the quintic, steps, and the least norm, as in the source. */
const [A, B, C] = [3.4445, -4.775, 2.0315];
const STEPS = 5;
const EPSILON = 1e-7;

export class Muon extends AdamW {
  readonly #momentum: number;

  constructor(
    parameters: Parameters,
    { lr = 1e-3, weightDecay = 0.1, momentum = 0.95, betas = [0.9, 0.95] }: MuonOptions = {},
  ) {
    super(parameters, { lr, weightDecay, betas });
    this.#momentum = momentum;
  }

  protected override update(slice: Slice): void {
    const vectors = part(slice, (tensor) => tensor.ndim < 2);
    if (vectors.parameters.length > 0) super.update(vectors);
    const matrices = part(slice, (tensor) => tensor.ndim > 1);
    const buffers = this.state('momentum_buffer', matrices, (p) => p.detach().zerosLike());
    for (const [i, parameter] of matrices.parameters.entries()) {
      const gradient = matrices.gradients[i]!;
      const buffer = buffers[i]!.lerp_(gradient, 1 - this.#momentum);
      const update = orthogonalised(gradient.lerp(buffer, this.#momentum).reshape([parameter.shape[0]!, -1]));
      const length = 0.2 * Math.sqrt(Math.max(...update.shape));
      parameter.mul_(1 - slice.lr * (slice.group.weightDecay ?? 0));
      parameter.sub_(update.reshape([...parameter.shape]), { alpha: slice.lr * length });
    }
  }
}

/** [rows, columns] -> about U V^T of its singular value decomposition, in bfloat16. */
function orthogonalised(matrix: Tensor): Tensor {
  const isTall = matrix.shape[0]! > matrix.shape[1]!;
  const wide = (isTall ? matrix.t() : matrix).to('bfloat16');
  let x = wide.div(wide.norm().clampMin(EPSILON));
  for (let i = 0; i < STEPS; i++) {
    const gram = x.matmul(x.t());
    x = ops.addmm(x, ops.addmm(gram, gram, gram, { beta: B, alpha: C }), x, { beta: A });
  }
  return isTall ? x.t() : x;
}

function part({ names, parameters, gradients, ...shared }: Slice, wanted: (tensor: Tensor) => boolean): Slice {
  const at = parameters.flatMap((tensor, i) => (wanted(tensor) ? [i] : []));
  const of = <T>(list: T[]) => at.map((i) => list[i]!);
  return { ...shared, names: of(names), parameters: of(parameters), gradients: of(gradients) };
}
