/** @file Gradients and the modes of the thread: grad mode and autocast. Each mode lasts for one synchronous function. */
import { type DType, dtypeCode } from './dtype.js';
import { TorchError } from './error.js';
import { guarded, native } from './native.js';
import { Tensor } from './tensor.js';

/** Runs `body` without recording for autograd. */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

/** Runs `body` with recording on, inside a `noGrad`. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}

/** Whether operators are recorded for gradients now. */
export function isGradEnabled(): boolean {
  const was = native().setGradMode(true);
  native().setGradMode(was);
  return was;
}

function withGradMode<T>(on: boolean, body: () => T): T {
  const was = native().setGradMode(on);
  try {
    return synchronous('noGrad and enableGrad', body());
  } finally {
    native().setGradMode(was);
  }
}

export interface AutocastOptions {
  /** `cpu` or `cuda`. */
  device?: string;
  dtype?: 'bfloat16' | 'float16';
  /** False runs `body` as it is, so that a setting can be passed through. */
  enabled?: boolean;
}

/** Runs `body` with convolutions and matrix products in half precision; PyTorch's lists decide which operators those are. */
export function autocast<T>({ device = 'cpu', dtype = 'bfloat16', enabled = true }: AutocastOptions, body: () => T): T {
  const type = device.split(':')[0]!;
  const [was, wasDtype] = guarded('autocast', () =>
    native().setAutocast(type, enabled, dtypeCode(dtype satisfies DType)),
  );
  try {
    return synchronous('autocast', body());
  } finally {
    native().setAutocast(type, was, wasDtype);
  }
}

/**
 * Gradients of outputs with respect to inputs, returned and not accumulated.
 *
 * @param gradOutputs one for each output that is not a scalar
 * @returns one for each input; null where an output does not depend on it
 */
export function grad(
  outputs: Tensor | Tensor[],
  inputs: Tensor[],
  {
    gradOutputs = [],
    keepGraph = false,
    createGraph = false,
  }: { gradOutputs?: Tensor[]; keepGraph?: boolean; createGraph?: boolean } = {},
): (Tensor | null)[] {
  const outs = Array.isArray(outputs) ? outputs : [outputs];
  const found = guarded('grad', () =>
    native().gradients(
      outs.map(Tensor.idOf),
      inputs.map(Tensor.idOf),
      gradOutputs.map(Tensor.idOf),
      keepGraph || createGraph,
      createGraph,
    ),
  );
  return found.map((id) => Tensor.fromId(id));
}

/** Adds the gradients of `outputs` to `grad` of every leaf that they come from. */
export function backward(
  outputs: Tensor[],
  {
    gradients = [],
    keepGraph = false,
    createGraph = false,
  }: { gradients?: Tensor[]; keepGraph?: boolean; createGraph?: boolean } = {},
): void {
  guarded('backward', () =>
    native().backward(outputs.map(Tensor.idOf), gradients.map(Tensor.idOf), keepGraph || createGraph, createGraph),
  );
}

function synchronous<T>(what: string, value: T): T {
  if (value instanceof Promise) {
    value.catch(() => {}); // the error that counts is ours
    throw new TorchError('ASYNC_SCOPE', `the body of ${what} must not be asynchronous`, {
      next: ['use it around each synchronous piece'],
    });
  }
  return value;
}
