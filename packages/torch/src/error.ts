/** @file The one error class of this package. Codes are public: never renamed, never used twice. */

/** Every code, once: the type of `code` and docs/errors.md come from this table. */
export const TORCH_ERRORS = {
  ARGUMENT: { meaning: 'a function of @twoview/torch was called with arguments that it does not take' },
  ASYNC_SCOPE: { meaning: 'the body of scope, noGrad or autocast is asynchronous' },
  CUDA_UNAVAILABLE: { meaning: 'a GPU was asked for, and there is none that can be used here' },
  DISK_FULL: { meaning: 'the disk has no room for a file; nothing half-written was left' },
  DOWNLOAD: { meaning: 'a server refused, stalled, or broke off every time' },
  DOWNLOAD_CHECKSUM: { meaning: 'a downloaded file is not the expected one; it was removed' },
  ENGINE_BUILD: { meaning: 'the addon could not be compiled' },
  ENGINE_CHECKSUM: { meaning: 'a downloaded part of libtorch is not the pinned one; it was not used' },
  ENGINE_COMPILER: { meaning: 'there is no C++ compiler' },
  ENGINE_CUDA: { meaning: 'there is a GPU, but the CUDA half of the engine could not be made ready' },
  ENGINE_DISK: { meaning: 'there is no room for libtorch in the cache' },
  ENGINE_DOWNLOAD: { meaning: 'libtorch could not be downloaded' },
  ENGINE_LOAD: { meaning: "the system's loader refused the addon or libtorch" },
  ENGINE_PATH: { meaning: 'TWOVIEW_LIBTORCH names no supported libtorch' },
  ENGINE_PLATFORM: { meaning: 'no libtorch is pinned for this platform' },
  FILE_ACCESS: { meaning: 'a file or folder is missing, or may not be read or written' },
  INTERNAL_OPERATOR: { meaning: 'an operator that libtorch keeps for itself was called through torch.op' },
  NOT_LOADED: { meaning: 'a tensor was used before torch.load()' },
  OPERATOR: { meaning: "libtorch refused an operator's arguments, in its own words" },
  OUT_OF_MEMORY: { meaning: 'there is no memory left, on the GPU or the machine, for a tensor' },
  PICKLE_CORRUPT: { meaning: 'a pickle is truncated, damaged, or not one at all' },
  PICKLE_FORBIDDEN: { meaning: 'a pickle wants to call something that is not on the list of what is safe' },
  PROCESS_GROUP: {
    meaning: 'processes could not meet, or one of them is gone or does not answer',
  },
  PTH_CORRUPT: { meaning: 'a .pth file is truncated, damaged, or too large for what it says' },
  PTH_FORMAT: { meaning: 'a .pth file is of a kind that is not read here; it can be saved again in Python' },
  SAFETENSORS_CORRUPT: { meaning: 'a safetensors file breaks a rule of the format, or was cut off' },
  STATE_DICT: { meaning: 'keys or shapes of a state dict do not fit the module' },
  TENSOR_DISPOSED: { meaning: 'a tensor was used after it was freed' },
  UNKNOWN_OPERATOR: { meaning: 'libtorch has no operator of this name' },
} as const satisfies Record<string, { meaning: string }>;

export type TorchErrorCode = keyof typeof TORCH_ERRORS;

interface Details {
  /** The operator that failed, `aten::mm`. */
  operator?: string;
  cause?: unknown;
  where?: string;
  next?: string[];
}

/** Something that the caller can fix: what was wrong, where, and what to do next. */
export class TorchError extends Error {
  override readonly name = 'TorchError';
  readonly code: TorchErrorCode;
  readonly operator: string | undefined;

  constructor(code: TorchErrorCode, message: string, { operator, cause, where, next = [] }: Details = {}) {
    const lines = [message];
    if (where !== undefined) lines.push(`  where  ${where}`);
    if (next.length > 0) lines.push(`  next   ${next.join('\n         ')}`);
    lines.push(`  code   ${code}`);
    super(lines.join('\n'), cause === undefined ? undefined : { cause });
    this.code = code;
    this.operator = operator;
  }
}
