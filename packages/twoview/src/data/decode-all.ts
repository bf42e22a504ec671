/** @file Many files into the store, on all cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { JobIo } from '../runs/events.js';
import { endIfAsked } from '../runs/stops.js';
import type { DecodeMessage, DecodeWork } from './decode-worker.js';

/** Below this, starting a thread costs more than it saves. */
const FILES_PER_THREAD = 500;

/** Threads run compiled code alone, also when this file runs as TypeScript under a test runner. */
const WORKER = new URL(
  `${import.meta.url.replace(/\/src\/data\/[^/]*\.ts$/, '/dist/src/data/').replace(/[^/]*\.js$/, '')}decode-worker.js`,
);

export interface Corrupt {
  path: string;
  why: string;
}

/** @throws TwoviewError INTERRUPTED @returns the files that could not be decoded; their places stay black */
export async function decodeAll(
  target: string,
  size: number,
  files: DecodeWork['files'],
  io: JobIo,
): Promise<Corrupt[]> {
  endIfAsked(io.signal);
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(files.length / FILES_PER_THREAD)));
  const corrupt: Corrupt[] = [];
  let done = 0;
  const share = (thread: number) => files.filter((_, i) => i % threads === thread);
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(WORKER, { workerData: { target, size, files: share(thread) } satisfies DecodeWork });
      const stop = () => worker.terminate();
      io.signal?.addEventListener('abort', stop);
      return new Promise<void>((resolve, reject) => {
        worker.on('message', (message: DecodeMessage) => {
          if ('failed' in message) reject(Object.assign(new Error(message.failed), { code: message.code }));
          else if ('corrupt' in message) corrupt.push({ path: message.corrupt, why: message.why });
          else {
            done += message.done;
            io.onEvent?.({ type: 'progress', phase: 'decode', done, total: files.length, unit: 'images' });
          }
        });
        worker.on('error', reject);
        worker.on('exit', () => resolve());
      }).finally(() => io.signal?.removeEventListener('abort', stop));
    }),
  );
  endIfAsked(io.signal);
  return corrupt.sort((a, b) => (a.path < b.path ? -1 : 1));
}
