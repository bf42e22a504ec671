/** @file The one error class of this package. Codes are public: never renamed, never used twice. */

/** Every code, once: the type of `code` and docs/errors.md come from this table. */
export const TORCH_ERRORS = {
  ARGUMENT: { meaning: 'a function of @twoview/torch was called with arguments that it does not take' },
  ASYNC_SCOPE: { meaning: 'the body of scope, noGrad or autocast is asynchronous' },
  NOT_LOADED: { meaning: 'a tensor was used before torch.load()' },
  OPERATOR: { meaning: "libtorch refused an operator's arguments, in its own words" },
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

/** Something that the caller can mend: what was wrong, where, and what to do next. */
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
