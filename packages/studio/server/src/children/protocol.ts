/** @file What the server and its child processes send each other. The channel copies Buffers and typed arrays as they are. */
import type { ApiErrorCode } from '../api.js';

/** The functions of a child, by name; an argument is one object. */
export type Calls = Record<string, (args: never) => unknown>;

export type ToChild = { type: 'call'; id: number; name: string; args: unknown } | { type: 'cancel'; id: number };

export type FromChild =
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; code: ApiErrorCode; what: string; next: string }
  | { type: 'event'; id: number; event: unknown };

/** What a function of a child gets beside its argument. */
export interface Tools {
  /** Told to the caller while the call goes on. */
  tell(event: unknown): void;
  /** The caller does not want the answer any more. */
  signal: AbortSignal;
}
