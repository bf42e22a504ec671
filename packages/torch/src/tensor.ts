/**
 * @file A tensor: a number by which the addon knows it, freed at a known moment (`scope`, `using`, `dispose`) or else by the
 * garbage collector. Its operators are installed by methods.ts, one for every operator that libtorch has.
 */
import { type DType, dtypeName, type MemoryFormat, memoryFormatCode } from './dtype.js';
import { TorchError } from './error.js';
import { guarded, native } from './native.js';
import { type Tracked, track } from './scope.js';

/** Its own text is what a failed clone says. */
const refuseClone = () => 'A tensor belongs to its thread: send x.toTypedArray() and x.shape instead.';

const forgotten = new FinalizationRegistry<number>((id) => native().free(id));

export class Tensor implements Tracked {
  #id: number;
  #kept = false;
  /** @internal structuredClone and postMessage copy what a tensor has and would lose its memory; this stops them, and says why. */
  readonly clonable = refuseClone;

  private constructor(id: number) {
    this.#id = id;
    track(this);
  }

  /** Set by `keep`: no scope frees it. */
  get kept(): boolean {
    return this.#kept;
  }

  set kept(kept: boolean) {
    this.#kept = kept;
  }

  /** @internal null for an undefined tensor */
  static fromId(id: number): Tensor | null {
    return id === 0 ? null : new Tensor(id);
  }

  /** @internal @throws TorchError TENSOR_DISPOSED, and ARGUMENT for an object that only looks like a tensor */
  static idOf(tensor: Tensor): number {
    if (typeof tensor !== 'object' || tensor === null || !(#id in tensor)) {
      throw new TorchError('ARGUMENT', 'this is not a tensor', {
        next: ['call methods on a tensor itself; make one with torch.tensor(...)'],
      });
    }
    const id = tensor.#id;
    if (id !== 0) return id;
    throw new TorchError('TENSOR_DISPOSED', 'this tensor was disposed', {
      next: ['return it from torch.scope, or torch.keep(tensor), if it must live on'],
    });
  }

  /** Sizes of the dimensions. */
  get shape(): readonly number[] {
    return native().shape(Tensor.idOf(this));
  }

  /** Steps between neighbours along each dimension, in elements. */
  get strides(): number[] {
    return guarded('strides', () => native().strides(Tensor.idOf(this)));
  }

  get dtype(): DType {
    return dtypeName(native().dtype(Tensor.idOf(this)));
  }

  /** `cpu`, `cuda:0`. */
  get device(): string {
    return native().device(Tensor.idOf(this));
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return guarded('numel', () => native().numel(Tensor.idOf(this)));
  }

  isContiguous({ memoryFormat = 'contiguous' }: { memoryFormat?: MemoryFormat } = {}): boolean {
    return guarded('isContiguous', () => native().isContiguous(Tensor.idOf(this), memoryFormatCode(memoryFormat)));
  }

  /**
   * The value of a tensor of one element; of a bool 0 or 1, of an integer beyond 2^53 a BigInt (`item<number | bigint>()` says
   * so). A GPU is waited for.
   *
   * @throws TorchError OPERATOR for more elements
   */
  item<T extends number | bigint = number>(): T {
    const value = guarded('item', () => native().item(Tensor.idOf(this)));
    return (typeof value === 'boolean' ? Number(value) : value) as T;
  }

  /** `item` for a tensor that lies on the CPU; no device is ever waited for. @throws TorchError OPERATOR for tensors elsewhere */
  hostValue(): number {
    return guarded('hostValue', () => native().hostValue(Tensor.idOf(this)));
  }

  get requiresGrad(): boolean {
    return native().requiresGrad(Tensor.idOf(this));
  }

  set requiresGrad(on: boolean) {
    guarded('requiresGrad', () => native().setRequiresGrad(Tensor.idOf(this), on));
  }

  /** False for the result of an operator that autograd follows. */
  get isLeaf(): boolean {
    return native().isLeaf(Tensor.idOf(this));
  }

  /** The gradient that `backward` accumulated; shares memory with the one that autograd holds. */
  get grad(): Tensor | null {
    return Tensor.fromId(native().grad(Tensor.idOf(this)));
  }

  set grad(grad: Tensor | null) {
    guarded('grad', () => native().setGrad(Tensor.idOf(this), grad === null ? 0 : Tensor.idOf(grad)));
  }

  /** Frees the tensor now; a second time does nothing. Memory shared with other tensors lives on with them. */
  dispose(): void {
    const id = this.release();
    if (id !== 0) native().free(id);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get disposed(): boolean {
    return this.#id === 0;
  }

  /** @internal */
  release(): number {
    const id = this.#id;
    this.#id = 0;
    return id;
  }

  /** @internal */
  watch(): void {
    if (this.#id === 0) return;
    forgotten.register(this, this.#id);
    native().watch(this.#id, this);
  }

  /** What console.log shows, in Node, Deno and Bun. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return String(this);
  }

  /** @internal for error messages */
  describe(): string {
    return this.disposed ? 'Tensor(disposed)' : `Tensor(${this.dtype}[${this.shape.join(', ')}])`;
  }
}

/** Tensors that this thread holds: equal before and after a piece of code that leaks none. */
export function liveTensors(): number {
  return native().live();
}

/** Bytes of the storages that these tensors own. */
export function liveBytes(): number {
  return native().liveBytes();
}
