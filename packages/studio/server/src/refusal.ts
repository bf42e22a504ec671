/** @file What the server refuses, with the code that the page knows, and the HTTP status of each code. */
import type { ApiError, ApiErrorCode } from './api.js';

export const STATUS = {
  BAD_REQUEST: 400,
  NOT_SIGNED_IN: 401,
  FORBIDDEN_HOST: 403,
  FORBIDDEN_ORIGIN: 403,
  NOT_FOUND: 404,
  EXAM_EXISTS: 409,
  EXAM_IMAGE: 409,
  NO_ENCODER: 409,
  NOT_READY: 409,
  RUN_STATE: 409,
  TOO_LARGE: 413,
  NOT_JSON: 415,
  IMAGE_UNREADABLE: 422,
  WORKER_FAILED: 500,
  NOT_YET: 501,
} as const satisfies Record<ApiErrorCode, number>;

/** An answer that is not the one that was asked for. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: ApiErrorCode,
    what: string,
    readonly next = '',
  ) {
    super(what);
  }

  get status(): (typeof STATUS)[ApiErrorCode] {
    return STATUS[this.code];
  }

  get body(): ApiError {
    return { error: { code: this.code, what: this.message, next: this.next } };
  }
}

/** Whatever was raised, as a refusal; what is not one is a fault of the server and becomes WORKER_FAILED with its words. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal('WORKER_FAILED', error instanceof Error ? error.message : String(error), 'try again');
}
