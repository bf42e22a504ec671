/** @file Puts every operator of libtorch on `Tensor` and into `ops`, under its name in camelCase. */

import { backward } from '../autograd.js';
import { type TypedArray, toTypedArray } from '../bytes.js';
import { type DType, isDType, type MemoryFormat } from '../dtype.js';
import { TorchError } from '../error.js';
import type { Ops, TensorOps } from '../generated/ops.js';
import { native } from '../native.js';
import { format } from '../print/print.js';
import { scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { operator } from './invoke.js';
import { isInternal } from './offered.js';
import { camelCase } from './overloads.js';
import { installSurface, type Surface } from './surface.js';

export interface Conversion {
  dtype?: DType;
  device?: string;
  memoryFormat?: MemoryFormat;
  /** True makes a new tensor even where nothing changes. */
  copy?: boolean;
  nonBlocking?: boolean;
}

export type NestedNumbers = number | NestedNumbers[];

/** The methods that are not operators of libtorch, or have another form there. */
interface OwnMethods {
  /** To a device (`cpu`, `cuda`, `cuda:1`), a dtype, or several at once; the tensor itself if it is so already. */
  to(target: string | Conversion): Tensor;
  contiguous(options?: { memoryFormat?: MemoryFormat }): Tensor;
  /** Adds the gradients of this tensor to `grad` of every leaf that it comes from. */
  backward(gradient?: Tensor, options?: { keepGraph?: boolean; createGraph?: boolean }): void;
  /** A copy of the elements in row-major order; half and bfloat16 as their bits. A GPU is waited for. */
  toTypedArray(): TypedArray;
  /** All elements in row-major order, as numbers; integers beyond 2^53 as BigInts (`tolist<number | bigint>()` says so). */
  tolist<T extends number | bigint = number>(): T[];
  /** Nested lists of numbers, or a number for a tensor without dimensions. */
  toArray(): NestedNumbers;
  /** As PyTorch prints it. */
  toString(): string;
}

declare module '../tensor.js' {
  interface Tensor extends Omit<TensorOps, keyof OwnMethods | keyof Surface | keyof OnTensor>, OwnMethods, Surface {}
}

/** What tensor.ts declares itself. */
interface OnTensor {
  item: unknown;
}

const own: OwnMethods & ThisType<Tensor> = {
  to(target) {
    const {
      dtype,
      device,
      memoryFormat,
      copy = false,
      nonBlocking = false,
    }: Conversion = typeof target !== 'string' ? target : isDType(target) ? { dtype: target } : { device: target };
    return ops.to(this, { dtype, device, nonBlocking, copy, memoryFormat } as never) as unknown as Tensor;
  },
  contiguous({ memoryFormat = 'contiguous' } = {}) {
    return ops.contiguous(this, { memoryFormat });
  },
  backward(gradient, options = {}) {
    backward([this], gradient === undefined ? options : { ...options, gradients: [gradient] });
  },
  toTypedArray() {
    return toTypedArray(this);
  },
  tolist() {
    const half = this.dtype === 'float16' || this.dtype === 'bfloat16' || this.dtype.startsWith('float8');
    const array = half ? scope(() => toTypedArray(this.to('float32'))) : toTypedArray(this);
    return Array.from<number | bigint, never>(array, (value) => (isExact(value) ? Number(value) : value) as never);
  },
  toArray() {
    return nest(this.tolist(), this.shape);
  },
  toString() {
    return format(this);
  },
};

const isExact = (value: number | bigint): boolean => typeof value === 'number' || Number.isSafeInteger(Number(value));

function nest(flat: number[], shape: readonly number[]): NestedNumbers {
  let level: NestedNumbers[] = flat;
  for (let d = shape.length - 1; d > 0; d--) {
    const size = shape[d]!;
    const count = shape.slice(0, d).reduce((a, b) => a * b, 1);
    level = Array.from({ length: count }, (_, i) => level.slice(i * size, (i + 1) * size));
  }
  return shape.length === 0 ? level[0]! : level;
}

/** `['aten::add.Tensor', ...]` by base name: `add -> ['aten::add.Tensor', 'aten::add.Scalar']`. */
export function methodNames(operatorNames: string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  // Sorted, so that the order in which overloads are tried does not depend on a hash table.
  for (const name of [...operatorNames].sort()) {
    const base = name.slice('aten::'.length).split('.')[0]!;
    const names = found.get(base);
    if (names === undefined) found.set(base, [name]);
    else names.push(name);
  }
  return found;
}

const table = new Map<string, (...args: unknown[]) => unknown>();

/** Every operator as a function: `ops.batchNorm(...)`. */
export const ops: Ops = new Proxy({} as Ops, {
  get(_, key) {
    if (typeof key !== 'string') return undefined;
    native(); // says that libtorch is not loaded, rather than that the operator is unknown
    const found = table.get(key);
    if (found === undefined) {
      throw new TorchError('UNKNOWN_OPERATOR', `libtorch has no operator ${key}`, {
        next: ['see src/generated/ops.ts for all names'],
      });
    }
    return found;
  },
  has: (_, key) => typeof key === 'string' && table.has(key),
  ownKeys: () => [...table.keys()].sort(),
  getOwnPropertyDescriptor: (_, key) =>
    typeof key === 'string' && table.has(key)
      ? { value: table.get(key), enumerable: true, configurable: true, writable: false }
      : undefined,
});

/** Called once, by `load`. */
export function installOperators(): void {
  const prototype = Tensor.prototype as unknown as Record<string, unknown>;
  const native_ = Object.getOwnPropertyNames(Tensor.prototype);
  const taken = new Set([...native_, ...Object.keys(own)]);
  for (const [base, names] of methodNames(native().operatorNames())) {
    if (isInternal(base)) continue;
    const key = camelCase(base);
    const call = operator(`aten::${base}`, names);
    table.set(key, (...args) => call(args));
    if (taken.has(key)) continue;
    prototype[key] = function (this: unknown, ...args: unknown[]) {
      return call([this, ...args]);
    };
  }
  Object.assign(Tensor.prototype, own);
  installSurface(Tensor.prototype);
}
