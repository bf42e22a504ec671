/**
 * @file The GPU: is there one, what is it, how full is its memory, and waiting for it. Everything else on a GPU is the same
 * as on the CPU: a tensor is moved there by `.to('cuda')`. Source of the names: torch.cuda.
 */
import type { CudaChoice } from './engine/cuda.js';
import { TorchError } from './error.js';
import { guarded, native } from './native.js';

export interface GpuProperties {
  name: string;
  /** Compute capability: 9.0 is major 9, minor 0. */
  major: number;
  minor: number;
  multiprocessors: number;
}

/** All in bytes. */
export interface GpuMemory {
  /** Of tensors that are alive. */
  allocated: number;
  /** Taken from the driver: tensors, and the cache that new ones come from. */
  reserved: number;
  /** The most since the start, or since `resetPeakMemory`. */
  peakAllocated: number;
  peakReserved: number;
  /** Of the whole GPU, other processes included. */
  free: number;
  total: number;
}

/** The typed face of native/cuda, one function each. */
export interface NativeCuda {
  deviceCount(): number;
  properties(gpu: number): GpuProperties;
  memory(gpu: number): GpuMemory;
  resetPeakMemory(gpu: number): void;
  emptyCache(): void;
  synchronize(gpu: number): void;
  configure(tf32Convolutions: boolean, tf32Products: boolean, benchmark: boolean, deterministic: boolean): void;
  setSyncDebugMode(mode: number): void;
  openLibrary(path: string): string | null;
  recordEvent(gpu: number): object;
  waitForEvent(event: object): void;
  eventReached(event: object): boolean;
}

let half: NativeCuda | null = null;
let why: CudaChoice = { use: false, reason: 'torch.load() was not called', next: [] };

/** @internal called once, by `load` */
export function setCuda(addon: NativeCuda | null, choice: CudaChoice): void {
  half = addon;
  why = choice;
}

/** @internal Opens libraries for what libtorch opens by name later; one that is refused may never be needed, so it is only warned of. */
export function openCompilers(addon: NativeCuda, paths: readonly string[]): void {
  for (const path of paths) {
    const refused = addon.openLibrary(path);
    if (refused !== null) process.emitWarning(`${path} could not be opened: ${refused}`);
  }
}

/** True where tensors can be moved to `cuda`. @throws TorchError NOT_LOADED */
export function isAvailable(): boolean {
  return deviceCount() > 0;
}

/** How many GPUs can be used; 0 without one. @throws TorchError NOT_LOADED */
export function deviceCount(): number {
  native(); // says that libtorch is not loaded, rather than that there is no GPU
  return half?.deviceCount() ?? 0;
}

/** @param device `cuda`, `cuda:1`, or the GPU's number @throws TorchError CUDA_UNAVAILABLE, ARGUMENT, OPERATOR */
export function properties(device: string | number = 0): GpuProperties {
  return call('cuda.properties', (cuda) => cuda.properties(indexOf(device)));
}

/** As its maker calls it. @throws TorchError CUDA_UNAVAILABLE, ARGUMENT, OPERATOR */
export function deviceName(device: string | number = 0): string {
  return properties(device).name;
}

/** @throws TorchError CUDA_UNAVAILABLE, ARGUMENT, OPERATOR */
export function memory(device: string | number = 0): GpuMemory {
  return call('cuda.memory', (cuda) => cuda.memory(indexOf(device)));
}

/** Lets the peaks of `memory` begin again from what is in use now. @throws TorchError CUDA_UNAVAILABLE, ARGUMENT, OPERATOR */
export function resetPeakMemory(device: string | number = 0): void {
  call('cuda.resetPeakMemory', (cuda) => cuda.resetPeakMemory(indexOf(device)));
}

/** Gives memory that no tensor uses back to the driver, for other processes. @throws TorchError CUDA_UNAVAILABLE */
export function emptyCache(): void {
  call('cuda.emptyCache', (cuda) => cuda.emptyCache());
}

/** Waits until the GPU has done all that it was asked; a clock must be read after this. @throws TorchError CUDA_UNAVAILABLE, ARGUMENT, OPERATOR */
export function synchronize(device: string | number = 0): void {
  call('cuda.synchronize', (cuda) => cuda.synchronize(indexOf(device)));
}

/**
 * A point in what the GPU was asked to do: all that was asked before it was made. Waiting for it does not wait for what came later.
 * Source: torch.cuda.Event.
 */
export class Event {
  readonly #event: object;

  /** @throws TorchError CUDA_UNAVAILABLE, ARGUMENT, OPERATOR */
  constructor(device: string | number = 0) {
    this.#event = call('cuda.Event', (cuda) => cuda.recordEvent(indexOf(device)));
  }

  /** Whether the GPU has come this far. */
  query(): boolean {
    return call('cuda.Event.query', (cuda) => cuda.eventReached(this.#event));
  }

  synchronize(): void {
    call('cuda.Event.synchronize', (cuda) => cuda.waitForEvent(this.#event));
  }
}

const SYNC_DEBUG_MODES = ['off', 'warn', 'error'] as const;

/**
 * What happens where the CPU has to wait for the GPU: nothing, a warning on stderr, or an error.
 * Source: torch.cuda.set_sync_debug_mode.
 *
 * @throws TorchError CUDA_UNAVAILABLE
 */
export function setSyncDebugMode(mode: (typeof SYNC_DEBUG_MODES)[number]): void {
  needed().setSyncDebugMode(SYNC_DEBUG_MODES.indexOf(mode));
}

export interface CudaSettings {
  /** Convolutions of float32 with 10 bits of mantissa instead of 23; PyTorch's own default. */
  tf32Convolutions?: boolean;
  tf32Products?: boolean;
  /** cuDNN times its algorithms at the first call of each shape and takes the fastest. */
  benchmark?: boolean;
  /** cuDNN uses algorithms alone that give the same bits in every run. */
  deterministic?: boolean;
}

/**
 * How precise, how fast, how repeatable. Each call sets all four. The defaults hold after `load`: PyTorch's, but
 * deterministic, since a training that was taken up again must end with the same bytes as one that was not interrupted.
 *
 * @throws TorchError CUDA_UNAVAILABLE
 */
export function configure({
  tf32Convolutions = true,
  tf32Products = false,
  benchmark = false,
  deterministic = true,
}: CudaSettings = {}): void {
  needed().configure(tf32Convolutions, tf32Products, benchmark, deterministic);
}

function needed(): NativeCuda {
  native();
  if (half !== null) return half;
  throw new TorchError('CUDA_UNAVAILABLE', 'there is no GPU that can be used here', {
    where: why.reason,
    next: why.next,
  });
}

function call<T>(name: string, body: (cuda: NativeCuda) => T): T {
  const cuda = needed();
  if (cuda.deviceCount() > 0) return guarded(name, () => body(cuda));
  throw new TorchError('CUDA_UNAVAILABLE', 'the CUDA half was loaded, and finds no GPU that it can use', {
    where: refusal(cuda),
    next: ['nvidia-smi  shows the driver, and the newest CUDA that it knows', 'TWOVIEW_CUDA=off, or --device cpu'],
  });
}

/** Why there is no GPU, in libtorch's words. */
function refusal(cuda: NativeCuda): string {
  try {
    cuda.synchronize(0);
    return 'it has come since';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function indexOf(device: string | number): number {
  if (typeof device === 'number') return device;
  const index = /^cuda(?::(\d+))?$/.exec(device);
  if (index === null) throw new TorchError('ARGUMENT', `a GPU is called cuda or cuda:1, got ${device}`);
  return Number(index[1] ?? 0);
}
