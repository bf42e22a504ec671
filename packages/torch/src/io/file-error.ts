/** @file The operating system's error codes in this package's words. */
import { TorchError } from '../error.js';

const MEANINGS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'this is a folder, not a file',
  ENOTDIR: 'a part of the path is no folder',
};

const REASONS = {
  ENOSPC: 'the disk is full; the file was not written',
  EDQUOT: 'your quota of the disk is used up; the file was not written',
  EFBIG: 'a limit allows no file of this size (ulimit -f, or the file system); the file was not written',
};

/** DISK_FULL or FILE_ACCESS for what the operating system refused; anything else comes back as it is. */
export function fileError(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'syscall' in error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new TorchError('DISK_FULL', REASONS[code], {
      where: path,
      next: ['make room and try again'],
      cause: error,
    });
  }
  return new TorchError('FILE_ACCESS', `${MEANINGS[code] ?? (error as Error).message}`, { where: path, cause: error });
}
