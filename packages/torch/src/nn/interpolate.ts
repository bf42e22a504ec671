/** @file Maps of another size. Source: torch.nn.functional.interpolate, torch.nn.Upsample. */

import { op, unsafeOp } from '../dispatch/invoke.js';
import { TorchError } from '../error.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { type Extent, extents } from './options.js';

export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area';

export interface InterpolateOptions {
  size?: Extent;
  scaleFactor?: Extent;
  mode?: InterpolationMode;
  /** Whether the corners of both maps are the same points; for the linear modes and bicubic. */
  alignCorners?: boolean;
  /** Averages when shrinking; for bilinear and bicubic. */
  antialias?: boolean;
}

const NAMES: Record<string, string> = {
  '3 nearest': 'upsample_nearest1d',
  '4 nearest': 'upsample_nearest2d',
  '5 nearest': 'upsample_nearest3d',
  '3 nearest-exact': '_upsample_nearest_exact1d',
  '4 nearest-exact': '_upsample_nearest_exact2d',
  '5 nearest-exact': '_upsample_nearest_exact3d',
  '3 linear': 'upsample_linear1d',
  '4 bilinear': 'upsample_bilinear2d',
  '4 bicubic': 'upsample_bicubic2d',
  '5 trilinear': 'upsample_trilinear3d',
};

/** @param x [N, C, L], [N, C, H, W] or [N, C, D, H, W] @throws TorchError ARGUMENT */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { size, scaleFactor, mode = 'nearest', alignCorners, antialias = false } = options;
  const dims = x.ndim - 2;
  if ((size === undefined) === (scaleFactor === undefined)) refuse('interpolate needs either a size or a scaleFactor');
  if (dims < 1 || dims > 3) refuse(`interpolate takes [N, C] and one to three dimensions; got ${x.ndim} in all`);
  const nearest = mode === 'area' || mode.startsWith('nearest');
  if (nearest && alignCorners !== undefined)
    refuse(`alignCorners is for linear, bilinear, bicubic and trilinear, not ${mode}`);
  if (antialias && mode !== 'bilinear' && mode !== 'bicubic') refuse('antialias is for bilinear and bicubic');
  const sizes = size === undefined ? null : [...extents(size, dims)];
  const scales = scaleFactor === undefined ? null : [...extents(scaleFactor, dims)];
  if (mode === 'area') {
    const wanted = sizes ?? scales!.map((scale, i) => Math.floor(x.shape[i + 2]! * scale));
    return op(`aten::adaptive_avg_pool${dims}d`, x, wanted) as Tensor;
  }
  const name = NAMES[`${x.ndim} ${mode}`];
  if (name === undefined) refuse(`${mode} is not for ${dims} dimensions`);
  const corners = nearest ? [] : [alignCorners ?? false];
  return unsafely(`aten::${antialias ? `_${name}_aa` : name}.vec`, x, sizes, ...corners, scales);
}

/** The kinds of all arguments were checked above, and these operators check sizes themselves. */
const unsafely = (name: string, ...args: unknown[]): Tensor => unsafeOp(name, ...args) as Tensor;

function refuse(what: string): never {
  throw new TorchError('ARGUMENT', what);
}

export class Upsample extends Module {
  constructor(readonly options: InterpolateOptions) {
    super();
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
}
