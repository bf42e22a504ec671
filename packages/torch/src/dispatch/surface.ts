/** @file Methods and properties of PyTorch's tensors that Python writes, and libtorch's operators do not have in this form. */
import type { DType } from '../dtype.js';
import { ITEM_SIZE } from '../dtype.js';
import { TorchError } from '../error.js';
import { type Handle, type Hook, registerHook } from '../function.js';
import { type Index, index, indexPut_ } from '../indexing.js';
import type { Tensor } from '../tensor.js';
import { operator } from './invoke.js';
import { ops } from './methods.js';

type Sizes = readonly number[] | [readonly number[]];

/** Several numbers, or one list of them. */
const sizesOf = (given: readonly unknown[]): readonly number[] =>
  given.length === 1 && Array.isArray(given[0]) ? (given[0] as readonly number[]) : (given as readonly number[]);

const CONVERSIONS = {
  float: 'float32',
  double: 'float64',
  half: 'float16',
  bfloat16: 'bfloat16',
  int: 'int32',
  long: 'int64',
  short: 'int16',
  char: 'int8',
  byte: 'uint8',
  bool: 'bool',
  cfloat: 'complex64',
  cdouble: 'complex128',
} as const satisfies Record<string, DType>;

export interface Surface extends Record<keyof typeof CONVERSIONS, () => Tensor> {
  /** Sizes may be given as a list or one by one, here and below: `x.view(3, -1)`. A dtype reads the same bytes as another type. */
  view(...size: Sizes): Tensor;
  view(dtype: DType): Tensor;
  reshape(...shape: Sizes): Tensor;
  permute(...dims: Sizes): Tensor;
  expand(...size: Sizes): Tensor;
  repeat(...repeats: Sizes): Tensor;
  tile(...dims: Sizes): Tensor;
  flip(...dims: Sizes): Tensor;
  /** The number of dimensions. */
  dim(): number;
  size(): readonly number[];
  size(dim: number): number;
  stride(): number[];
  stride(dim: number): number;
  nelement(): number;
  elementSize(): number;
  isFloatingPoint(): boolean;
  isComplex(): boolean;
  cpu(): Tensor;
  cuda(device?: number): Tensor;
  requiresGrad_(on?: boolean): Tensor;
  /** x[...] of Python: `x.index(0, '1:5', '...', null, mask)`; see indexing.ts for what each means. */
  index(...indices: readonly (Index | readonly Index[])[]): Tensor;
  /** x[...] = value: `x.indexPut_([0, '1:5'], 7)`. */
  indexPut_(
    indices: Index | readonly Index[],
    value: Tensor | number | boolean | bigint,
    accumulate?: boolean | { accumulate?: boolean },
  ): Tensor;
  /** Calls `hook` with the gradient of this tensor; what it returns is used instead. */
  registerHook(hook: Hook): Handle;
  /** All dimensions in the other order. */
  readonly T: Tensor;
  /** The last two dimensions swapped. */
  readonly mT: Tensor;
  /** The conjugate of `T`. */
  readonly H: Tensor;
  readonly itemsize: number;
  readonly nbytes: number;
  readonly isCuda: boolean;
  /** Along the first dimension, as Python's `for row in x`. */
  [Symbol.iterator](): IterableIterator<Tensor>;
  /** Numbers for one element; `a + b` of larger tensors is refused, since JavaScript would add their texts. */
  [Symbol.toPrimitive](hint: string): string | number | bigint;
  /** Nested lists. */
  toJSON(): unknown;
}

/** An operator whose only list may be spread; an object names its arguments, as with all operators. */
const spread = (name: string) => {
  const call = operator(`aten::${name}`, [`aten::${name}`]);
  return function (this: Tensor, ...given: unknown[]) {
    const spreads = given.length > 0 && given.every((one) => typeof one === 'number');
    return call(spreads ? [this, given] : [this, ...given]);
  };
};

const conversions = Object.fromEntries(
  Object.entries(CONVERSIONS).map(([name, dtype]) => [
    name,
    function (this: Tensor) {
      return this.to(dtype);
    },
  ]),
);

const methods: ThisType<Tensor> = {
  ...conversions,
  view(this: Tensor, ...given: unknown[]) {
    return typeof given[0] === 'string' ? ops.view(this, given[0] as DType) : ops.view(this, sizesOf(given));
  },
  reshape: spread('reshape'),
  permute: spread('permute'),
  expand: spread('expand'),
  repeat: spread('repeat'),
  tile: spread('tile'),
  flip: spread('flip'),
  dim(this: Tensor) {
    return this.ndim;
  },
  size(this: Tensor, dim?: number) {
    return dim === undefined ? this.shape : ops.size(this, dim);
  },
  stride(this: Tensor, dim?: number) {
    return dim === undefined ? this.strides : ops.stride(this, dim);
  },
  nelement(this: Tensor) {
    return this.numel();
  },
  elementSize(this: Tensor) {
    return ITEM_SIZE[this.dtype];
  },
  isFloatingPoint(this: Tensor) {
    return this.dtype.includes('float');
  },
  isComplex(this: Tensor) {
    return this.dtype.startsWith('complex');
  },
  cpu(this: Tensor) {
    return this.to('cpu');
  },
  cuda(this: Tensor, device?: number) {
    return this.to(device === undefined ? 'cuda' : `cuda:${device}`);
  },
  requiresGrad_(this: Tensor, on = true) {
    this.requiresGrad = on;
    return this;
  },
  index(this: Tensor, ...indices: Index[]) {
    return index(this, ...indices);
  },
  indexPut_(
    this: Tensor,
    indices: Index[],
    value: Tensor | number,
    accumulate: boolean | { accumulate?: boolean } = false,
  ) {
    return indexPut_(this, indices, value, typeof accumulate === 'object' ? accumulate.accumulate : accumulate);
  },
  registerHook(this: Tensor, hook: Hook) {
    return registerHook(this, hook);
  },
  *[Symbol.iterator](this: Tensor) {
    if (this.ndim === 0)
      throw new TorchError('ARGUMENT', 'a tensor without dimensions has no rows', { next: ['x.item()'] });
    for (let i = 0; i < this.shape[0]!; i++) yield this.select(0, i);
  },
  [Symbol.toPrimitive](this: Tensor, hint: string) {
    if (hint === 'string') return this.toString();
    if (this.numel() === 1) return this.item<number | bigint>();
    throw new TorchError('ARGUMENT', "JavaScript's own operators do not know tensors", {
      where: this.describe(),
      next: ['a.add(b), a.mul(b), a.gt(b), ...  are the methods; String(x) is its text'],
    });
  },
  toJSON(this: Tensor) {
    return this.toArray();
  },
};

const properties: Record<string, (this: Tensor) => unknown> = {
  T() {
    return ops.numpyT(this);
  },
  mT() {
    return this.transpose(-2, -1);
  },
  H() {
    return ops.matrixH(this);
  },
  itemsize() {
    return ITEM_SIZE[this.dtype];
  },
  nbytes() {
    return this.numel() * ITEM_SIZE[this.dtype];
  },
  isCuda() {
    return this.device.startsWith('cuda');
  },
};

/** Called once, by `installOperators`; these come before what libtorch has under the same names. */
export function installSurface(prototype: object): void {
  for (const key of Reflect.ownKeys(methods)) {
    const value = Reflect.get(methods, key);
    Object.defineProperty(prototype, key, { value, writable: true, configurable: true });
  }
  for (const [key, get] of Object.entries(properties))
    Object.defineProperty(prototype, key, { get, configurable: true });
}
