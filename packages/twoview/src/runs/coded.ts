/** @file What the operating system refuses, wherever in a job that was, as an error with a code. */
import { fileError } from '@twoview/torch';

/** DISK_FULL or FILE_ACCESS with the path, for errors of system calls; others as they are. */
export function withCode(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error;
  return fileError('path' in error ? String(error.path) : String(error.syscall), error);
}

/** The same job, all of whose errors have codes. */
export function coded<Args extends unknown[], Result>(
  job: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await job(...args);
    } catch (error) {
      throw withCode(error);
    }
  };
}
