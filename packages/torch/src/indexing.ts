/**
 * @file x[...] of Python: what a list of indices means. Source: torch/csrc/autograd/python_variable_indexing.cpp.
 *
 * A number picks one, '1:5', '::2', ':' or a Slice picks some, '...' stands for all dimensions that are left, null adds one, a bool
 * tensor is a mask, an integer tensor or a list of numbers picks by place. A list that holds tensors and null alone is libtorch's
 * own form, in which null stands for a whole dimension.
 */
import { tensor } from './creation.js';
import { ops } from './dispatch/methods.js';
import { TorchError } from './error.js';
import { scope } from './scope.js';
import { Tensor } from './tensor.js';

/** Python's start:stop:step; null for an end that is left open. */
export class Slice {
  constructor(
    readonly start: number | null = null,
    readonly stop: number | null = null,
    readonly step = 1,
  ) {
    const whole = [start ?? 0, stop ?? 0, step].every(Number.isInteger);
    if (whole && step > 0) return;
    throw new TorchError('ARGUMENT', `a slice has whole ends and a step above zero, got ${start}:${stop}:${step}`, {
      next: ['x.flip(dim)  turns a dimension round'],
    });
  }
}

export type Index = number | bigint | string | Slice | null | boolean | Tensor | readonly number[] | readonly boolean[];

const SLICE = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/;

function sliceOf(text: string): Slice {
  const found = SLICE.exec(text);
  if (found === null) {
    throw new TorchError('ARGUMENT', `'${text.slice(0, 40)}' is no index`, {
      next: ["write slices as '1:5', '::2' or ':', and all other dimensions as '...'"],
    });
  }
  const [start, stop, step] = found.slice(1).map((part) => (part === undefined ? null : Number(part)));
  return new Slice(start, stop, step ?? 1);
}

/** How many dimensions of the tensor an index uses up. */
function uses(index: Index): number {
  if (index === null || index === '...' || typeof index === 'boolean') return 0;
  if (index instanceof Tensor && isMask(index)) return index.ndim;
  return 1;
}

const isMask = (index: Tensor): boolean => index.dtype === 'bool' || index.dtype === 'uint8';

interface Found {
  view: Tensor;
  /** By dimension of the view; null where all of it is meant. */
  picks: (Tensor | null)[];
}

/** What numbers, slices and null say is done to a view; what is left for libtorch are tensors. */
function resolve(x: Tensor, indices: readonly Index[]): Found {
  const places = indices.filter((index) => index === '...').length;
  if (places > 1) throw new TorchError('ARGUMENT', "an index has '...' once at most");
  const left = x.ndim - indices.reduce<number>((sum, one) => sum + uses(one), 0);
  if (left < 0) {
    throw new TorchError('ARGUMENT', `too many indices for a tensor of ${x.ndim} dimensions: ${indices.length}`);
  }
  let view = x;
  let dim = 0;
  const picks: (Tensor | null)[] = [];
  const pick = (index: Tensor) => {
    while (picks.length < dim) picks.push(null);
    picks.push(index);
    dim += isMask(index) ? index.ndim : 1;
  };
  for (const index of indices) {
    if (index === '...') dim += left;
    else if (index === null) view = view.unsqueeze(dim++);
    else if (typeof index === 'boolean') {
      view = view.unsqueeze(dim);
      pick(tensor([index]));
    } else if (typeof index === 'number' || typeof index === 'bigint') view = view.select(dim, Number(index));
    else if (index instanceof Tensor) pick(index);
    else if (Array.isArray(index)) pick(ofList(index));
    else if (typeof index === 'string' || index instanceof Slice) {
      const { start, stop, step } = typeof index === 'string' ? sliceOf(index) : index;
      view = view.slice(dim++, start, stop, step);
    } else throw new TorchError('ARGUMENT', `${String(index)} is no index`);
  }
  // libtorch counts a mask once and its dimensions by itself.
  return { view, picks: picks.filter((one, i) => one !== null || !coveredBefore(picks, i)) };
}

/** Whether a mask of several dimensions before place i covers it. */
function coveredBefore(picks: readonly (Tensor | null)[], i: number): boolean {
  return picks.slice(0, i).some((one, j) => one !== null && isMask(one) && j + one.ndim > i);
}

function ofList(list: readonly unknown[]): Tensor {
  if (list.length > 0 && list.every((one) => typeof one === 'boolean')) return tensor(list as boolean[]);
  const bad = list.find((one) => !Number.isInteger(one));
  if (bad !== undefined) throw new TorchError('ARGUMENT', `a list of places holds whole numbers; got ${String(bad)}`);
  return tensor(list as number[], { dtype: 'int64' });
}

const isNative = (list: readonly unknown[]): list is readonly (Tensor | null)[] =>
  list.some((one) => one instanceof Tensor) && list.every((one) => one === null || one instanceof Tensor);

/** The indices of a call: several arguments, or one list. */
const listOf = (given: readonly (Index | readonly Index[])[]): { list: readonly Index[]; native: boolean } =>
  given.length === 1 && Array.isArray(given[0]) && !isPlaces(given[0])
    ? { list: given[0] as readonly Index[], native: isNative(given[0]) }
    : { list: given as readonly Index[], native: false };

/** `x.index([0, 2])` picks two rows, as x[[0, 2]] does. */
const isPlaces = (list: readonly unknown[]): boolean =>
  list.length > 0 && list.every((one) => typeof one === 'number' || typeof one === 'boolean');

export function index(x: Tensor, ...given: readonly (Index | readonly Index[])[]): Tensor {
  return scope(() => {
    const { list, native } = listOf(given);
    const { view, picks } = native ? { view: x, picks: list as (Tensor | null)[] } : resolve(x, list);
    if (picks.length > 0) return ops.index(view, picks);
    return view === x ? x.alias() : view;
  });
}

/** x[...] = value. @param given indices as one list, or one index */
export function indexPut_(
  x: Tensor,
  given: Index | readonly Index[],
  value: Tensor | number | boolean | bigint,
  accumulate = false,
): Tensor {
  scope(() => {
    const { list, native } = listOf([given]);
    const { view, picks } = native ? { view: x, picks: list as (Tensor | null)[] } : resolve(x, list);
    const source = value instanceof Tensor ? value : ops.full([], value, { dtype: x.dtype, device: x.device });
    if (picks.length > 0) ops.indexPut_(view, picks, source.to(x.dtype), accumulate);
    else if (accumulate) view.add_(source);
    else view.copy_(source);
  });
  return x;
}
