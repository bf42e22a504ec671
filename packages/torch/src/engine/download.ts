/** @file A file from the web, whole and checked, or a clear error: resumes what broke off, gives up on what stalls. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TorchError } from '../error.js';

export interface DownloadOptions {
  /** `hex` may be the first digits alone, where no more are published. */
  checksum?: { algorithm: 'sha256' | 'md5'; hex: string };
  /** Bytes; total is 0 when the server does not say. */
  onProgress?: (done: number, total: number) => void;
  /** Longest silence of the server. */
  stallMs?: number;
  attempts?: number;
  signal?: AbortSignal;
}

/**
 * Downloads to `target`, which appears only when it is whole. A broken connection is taken up where it broke.
 *
 * @throws TorchError DOWNLOAD (the server refused, stalled or broke off every time), DOWNLOAD_CHECKSUM
 */
export async function download(
  url: string,
  target: string,
  { checksum, onProgress, stallMs = 30_000, attempts = 4, signal }: DownloadOptions = {},
): Promise<void> {
  const partial = `${target}.partial`;
  let last: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      const resumed = await fetchInto(url, partial, stallMs, onProgress, signal);
      try {
        await requireChecksum(partial, url, checksum);
      } catch (error) {
        if (resumed && attempt + 1 < attempts) continue; // what was begun may be of another file; it is gone now
        throw error;
      }
      renameSync(partial, target);
      return;
    } catch (error) {
      if (signal?.aborted || (error instanceof TorchError && error.code !== 'DOWNLOAD')) throw error;
      last = error;
      if (error instanceof Refused) break;
    }
  }
  throw new TorchError('DOWNLOAD', `could not download: ${last instanceof Error ? reason(last) : String(last)}`, {
    where: url,
    cause: last,
    next: ['check the network and try again: what has arrived is kept and taken up'],
  });
}

class Refused extends Error {}

const reason = (error: Error): string =>
  error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;

/** @returns whether it went on with what was there */
async function fetchInto(
  url: string,
  partial: string,
  stallMs: number,
  onProgress: DownloadOptions['onProgress'],
  outer?: AbortSignal,
): Promise<boolean> {
  const have = existsSync(partial) ? statSync(partial).size : 0;
  const stall = new AbortController();
  const wait = () => setTimeout(() => stall.abort(new Error(`no data for ${stallMs / 1000} s`)), stallMs);
  let timer = wait();
  const alive = () => {
    clearTimeout(timer);
    timer = wait();
  };
  try {
    const signal = outer === undefined ? stall.signal : AbortSignal.any([stall.signal, outer]);
    const response = await fetch(url, { signal, headers: have > 0 ? { range: `bytes=${have}-` } : {} });
    if (response.status === 416) {
      // Longer than what the server has: another file. Start again.
      rmSync(partial, { force: true });
      throw new Error('the server has another file than the one begun');
    }
    if (!response.ok || response.body === null) {
      throw response.status < 500
        ? new Refused(`the server answered ${response.status}`)
        : new Error(`the server answered ${response.status}`);
    }
    const resumed = response.status === 206;
    const length = Number(response.headers.get('content-length') ?? 0);
    const total = length === 0 ? 0 : length + (resumed ? have : 0);
    let done = resumed ? have : 0;
    const count = new Transform({
      transform(chunk: Buffer, _, next) {
        done += chunk.length;
        alive();
        onProgress?.(done, total);
        next(null, chunk);
      },
    });
    await pipeline(
      Readable.fromWeb(response.body as never),
      count,
      createWriteStream(partial, { flags: resumed ? 'a' : 'w' }),
    );
    if (total > 0 && done !== total) throw new Error(`the connection ended after ${done} of ${total} bytes`);
    return resumed;
  } finally {
    clearTimeout(timer);
  }
}

async function requireChecksum(file: string, url: string, checksum: DownloadOptions['checksum']): Promise<void> {
  if (checksum === undefined) return;
  const hash = createHash(checksum.algorithm);
  await pipeline(createReadStream(file), hash);
  const hex = hash.digest('hex');
  if (hex.startsWith(checksum.hex)) return;
  rmSync(file);
  throw new TorchError(
    'DOWNLOAD_CHECKSUM',
    `the file that arrived is not the right one: ${checksum.algorithm} ${hex}, expected ${checksum.hex}`,
    {
      where: url,
      next: ['try again; if it stays so, the server or a mirror has another file'],
    },
  );
}
