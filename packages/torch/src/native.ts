/**
 * @file The typed face of the C++ addon: one function a line of native/, nothing polite yet. A tensor is a number here
 * (0 for an undefined one); everything above this file deals in `Tensor`.
 */
import { TorchError } from './error.js';

export interface NativeArgument {
  name: string;
  /** In the words of PyTorch's schemas: `Tensor?`, `SymInt[]`, `Scalar`. */
  type: string;
  hasDefault: boolean;
  kwargOnly: boolean;
  /** The 2 of `int[2]`. */
  length?: number;
}

export interface NativeSchema {
  arguments: NativeArgument[];
  returns: NativeArgument[];
  inPlace: boolean;
  /** Whether it changes one of its arguments. */
  writes: boolean;
  text: string;
}

export interface BuildInfo {
  version: string;
  config: string;
  parallel: string;
  cpuCapability: string;
  cuda: boolean;
}

export interface Native {
  operatorNames(): string[];
  resolve(name: string, overload: string): number | null;
  schema(operator: number): NativeSchema;
  call(operator: number, ...args: unknown[]): unknown;

  shape(tensor: number): number[];
  strides(tensor: number): number[];
  dtype(tensor: number): number;
  device(tensor: number): string;
  numel(tensor: number): number;
  isContiguous(tensor: number, memoryFormat: number): boolean;
  item(tensor: number): number | bigint | boolean;
  hostValue(tensor: number): number;
  free(tensors: number | number[]): void;
  watch(tensor: number, object: object): void;
  sweep(): number;
  live(): number;
  liveBytes(): number;

  fromBytes(bytes: ArrayBufferView, shape: readonly number[], dtype: number): number;
  toBytes(tensor: number, into: ArrayBufferView): void;
  willNeed(tensor: number, rows: number): void;
  mapFile(path: string, bytes: number): number;

  requiresGrad(tensor: number): boolean;
  setRequiresGrad(tensor: number, on: boolean): void;
  isLeaf(tensor: number): boolean;
  grad(tensor: number): number;
  setGrad(tensor: number, grad: number): void;
  backward(outputs: number[], gradients: number[], keepGraph: boolean, createGraph: boolean): void;
  gradients(
    outputs: number[],
    inputs: number[],
    gradients: number[],
    keepGraph: boolean,
    createGraph: boolean,
  ): number[];
  setGradMode(on: boolean): boolean;
  setAutocast(deviceType: string, on: boolean, dtype: number): [boolean, number];

  setDispatcher(dispatch: (callback: number, tensors: number[], saved: number[]) => boolean): void;
  attach(inputs: number[], outputs: number[], saved: number[], callback: number, name: string): number[];
  deliver(gradients: number[]): void;
  releasedCallbacks(): number[];
  addHook(tensor: number, callback: number): number;
  removeHook(tensor: number, place: number): void;

  setNumThreads(count: number): void;
  getNumThreads(): number;
  manualSeed(seed: number): void;
  newGenerator(device: string, seed: number): number;
  seedGenerator(generator: number, seed: number): void;
  freeGenerator(generator: number): void;
  buildInfo(): BuildInfo;
  setDeterministic(on: boolean): void;
  trimMemory(): void;
  keepMemory(always: boolean): void;
  drawApart(): void;

  startProfile(): void;
  stopProfile(): [string, string, number[][], number[][], number, number, number][];

  joinGroup(options: {
    name: string;
    host: string;
    port: number;
    rank: number;
    size: number;
    timeout: number;
    interface: string;
  }): void;
  leaveGroup(name: string): void;
  agreeOn(group: string, exchange: number, dtype: number, shape: readonly number[]): void;
  newReducer(parameters: number[], group: string, bucketBytes: number, firstBucketBytes: number): number;
  prepareReducer(reducer: number): void;
  freeReducer(reducer: number): void;
  syncBatchNorm(
    x: number,
    weight: number,
    bias: number,
    runningMean: number,
    runningVar: number,
    momentum: number,
    eps: number,
    group: string,
  ): number;
  convolution3x3(x: number, weight: number): number;
  batchNormThen(
    x: number,
    weight: number,
    bias: number,
    runningMean: number,
    runningVar: number,
    plus: number,
    activation: number,
    momentum: number,
    eps: number,
    known: boolean,
    group: string,
  ): number;
  flushDenormal(on: boolean): boolean;
}

let loaded: Native | null = null;

export function setNative(addon: Native): void {
  loaded = addon;
}

export function isLoaded(): boolean {
  return loaded !== null;
}

/** @throws TorchError NOT_LOADED before `torch.load()` */
export function native(): Native {
  if (loaded === null) {
    throw new TorchError('NOT_LOADED', 'libtorch is not loaded yet', {
      next: ['await torch.load()  once, before the first tensor'],
    });
  }
  return loaded;
}

/** Runs one call of the addon and gives its error a name. */
export function guarded<T>(operator: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asTorchError(operator, error);
  }
}

/** What Gloo, the store of c10d and we say when a connection ends or nothing comes over it, in any operator that exchanges tensors. */
const FROM_OTHERS = /gloo\/transport|TCPStore|client socket|timed out waiting for|failed to recv|sendBytes failed/i;

/** What a function of the user threw inside a backward pass, which C++ could only say is so. */
let thrown: { error: unknown } | null = null;

export function throwOn(error: unknown): void {
  thrown ??= { error };
}

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'OUT_OF_MEMORY';

/** The error to throw: the user's own, whatever it is, or ours. */
export function asTorchError(operator: string, error: unknown): TorchError {
  if (thrown !== null) {
    const { error: own } = thrown;
    thrown = null;
    return own as TorchError;
  }
  if (error instanceof TorchError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (text.startsWith('processes bring different tensors: ')) {
    return new TorchError('PROCESS_GROUP', 'processes of a group must exchange the same, in the same order', {
      where: `${operator}: ${text.split('\n')[0]}`,
      next: ['give every process the same network and the same steps; one that skips a step must skip it everywhere'],
      cause: error,
    });
  }
  if (isOutOfMemory(error)) {
    return new TorchError('OUT_OF_MEMORY', 'there is no memory left for this tensor', {
      where: `${operator}: ${text.split('\n')[0]}`,
      next: [
        'take smaller batches, or free tensors earlier: torch.scope(() => ...) around each step frees all that it does not return',
      ],
      operator,
      cause: error,
    });
  }
  if (text.startsWith('mapped file: ')) {
    return new TorchError('FILE_ACCESS', text.slice('mapped file: '.length), {
      where: operator,
      next: ['write the file again, and replace files by a rename while others read them'],
      cause: error,
    });
  }
  if (FROM_OTHERS.test(text)) {
    return new TorchError('PROCESS_GROUP', 'another process is gone, or did not answer in time', {
      where: `${operator}: ${text.split('\n')[0]}`,
      next: ['read what the other processes said last: the first to fail knows why'],
      cause: error,
    });
  }
  return new TorchError('OPERATOR', `${operator}: ${text}`, { operator, cause: error });
}
