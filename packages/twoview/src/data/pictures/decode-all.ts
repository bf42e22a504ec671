/** @file Many files into the store, on all cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { JobIo } from '../../runs/events.js';
import { endIfAsked } from '../../runs/stops.js';
import type { Decoded, DecodeOptions, Trait } from './decode.js';
import type { DecodeFile, DecodeMessage, DecodeWork, Failure } from './decode-worker.js';
import { commonRange } from './sample-range.js';

/** Below this, starting a thread costs more than it saves: small images decode in a fifth of a millisecond. */
const FILES_PER_THREAD = 64;

/** Threads run compiled code alone, also when this file runs as TypeScript under a test runner. */
const WORKER = new URL(
  `${import.meta.url.replace(/\/src\/data\/pictures\/[^/]*\.ts$/, '/dist/src/data/pictures/').replace(/[^/]*\.js$/, '')}decode-worker.js`,
);

export interface DecodedAll {
  /** Files that could not be decoded, by path; their places stay black. */
  failures: Failure[];
  /** What a reader of results must know of the others. */
  notes: string[];
}

interface Gathered {
  failures: Failure[];
  traits: Map<Trait, number>;
  undeclared: { file: DecodeFile; found: NonNullable<Decoded['undeclared']> }[];
}

/** @throws TwoviewError INTERRUPTED */
export async function decodeAll(
  target: string,
  files: readonly DecodeFile[],
  options: Pick<DecodeOptions, 'size' | 'ground'>,
  io: JobIo,
): Promise<DecodedAll> {
  const all: Gathered = { failures: [], traits: new Map(), undeclared: [] };
  await pass(target, files, options, all, io);
  // Samples of more than 8 bits whose range no file declares: now that all are known, by the range of the set.
  const rangeOf = (kind: 'whole' | 'float') =>
    commonRange(
      kind,
      all.undeclared.flatMap(({ found }) => (found.kind === kind ? [found.range] : [])),
    );
  const ranges = { whole: rangeOf('whole'), float: rangeOf('float') };
  const waiting = all.undeclared.splice(0).map(({ file }) => file);
  if (waiting.length > 0) await pass(target, waiting, { ...options, ranges }, all, io);
  return { failures: all.failures.sort((a, b) => (a.path < b.path ? -1 : 1)), notes: notesOf(all.traits, ranges) };
}

async function pass(
  target: string,
  files: readonly DecodeFile[],
  options: DecodeOptions,
  all: Gathered,
  io: JobIo,
): Promise<void> {
  endIfAsked(io.signal);
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(files.length / FILES_PER_THREAD)));
  let done = 0;
  const share = (thread: number) => files.filter((_, i) => i % threads === thread);
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(WORKER, { workerData: { target, options, files: share(thread) } satisfies DecodeWork });
      const stop = () => worker.terminate();
      io.signal?.addEventListener('abort', stop);
      return new Promise<void>((resolve, reject) => {
        worker.on('message', (message: DecodeMessage) => {
          if ('failed' in message) reject(Object.assign(new Error(message.failed), { code: message.code }));
          else if ('failure' in message) all.failures.push(message.failure);
          else if ('undeclared' in message) all.undeclared.push({ file: message.file, found: message.undeclared });
          else if ('traits' in message) {
            for (const trait of message.traits) all.traits.set(trait, (all.traits.get(trait) ?? 0) + 1);
          } else {
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
}

function notesOf(traits: ReadonlyMap<Trait, number>, { whole, float }: NonNullable<DecodeOptions['ranges']>): string[] {
  const count = (trait: Trait) => traits.get(trait) ?? 0;
  const plain = count('plain where transparent');
  const ranges = [whole, float].flatMap((range) => (range === null ? [] : [`${range.least} to ${range.most}`]));
  return [
    ...(count('transparent') > 0
      ? [
          `${count('transparent')} images have transparent parts and were laid on a ground (--background)${plain > 0 ? `; ${plain} of them are now of one colour` : ''}`,
        ]
      : []),
    ...(count('frames') > 0
      ? [`of ${count('frames')} images with several frames or pages, the first one was taken`]
      : []),
    ...(count('deep, declared') > 0
      ? [`${count('deep, declared')} images of more than 8 bits were scaled by the range that they declare`]
      : []),
    ...(count('deep') > 0
      ? [
          `${count('deep')} images of more than 8 bits were scaled from ${ranges.join(' and ')}, the range that the set uses`,
        ]
      : []),
  ];
}
