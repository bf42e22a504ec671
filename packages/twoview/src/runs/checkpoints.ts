/**
 * @file The bookkeeping around a training's loop: where it goes on, when it saves, where it stops, how long it took in all.
 * A checkpoint holds everything that the following steps depend on, so a run ends with the same bytes wherever it was cut.
 */
import { existsSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { loadCheckpoint, type Parts, putBack, saveCheckpoint, stateOf } from './checkpoint.js';
import type { JobIo } from './events.js';
import { damaged, readJson } from './read-json.js';
import type { Run } from './run-folder.js';
import { notFinite, stoppedAt } from './stops.js';
import { Team } from './team.js';

/** What the loop carries from one step to the next, apart from the tensors: numbers, or null where there is none yet. */
export interface Position {
  /** Steps done. */
  step: number;
  /** Losses of this epoch's steps, summed. */
  lossSum: number;
}

export interface CheckpointOptions {
  /** Minutes between two checkpoints; 0 writes one after every step. */
  minutes: number;
  /** Written beside the weights, for whoever loads them. */
  about: Record<string, string>;
  /** Brings the position up to date; called before it is written. */
  beforeSaving?: () => void;
}

export class Checkpoints<P extends Position> {
  readonly #run: Run;
  readonly #parts: Parts;
  readonly #options: CheckpointOptions;
  readonly #team: Team;
  #since = performance.now();
  #savedAt = performance.now();
  #secondsBefore = 0;
  /** The checkpoint that is being written while training goes on. */
  #writing: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | null = null;

  /** @param team those who train together: process 0 reads and writes, the others get what it has */
  constructor(run: Run, parts: Parts, options: CheckpointOptions, team = Team.alone) {
    this.#run = run;
    this.#parts = parts;
    this.#options = options;
    this.#team = team;
  }

  /**
   * Loads the state of the last checkpoint, and says so.
   *
   * @returns the position there, or `start` when there is none yet
   * @throws TwoviewError RUN_CORRUPT; TorchError SAFETENSORS_CORRUPT, STATE_DICT
   */
  resume(start: P, totalSteps: number, { onEvent }: JobIo): P {
    const team = this.#team;
    const file = this.#run.file('checkpoints', 'last.safetensors');
    const saved = team.isRankZero ? loadCheckpoint(file, this.#parts) : null;
    if (saved !== null) {
      if (!allFinite(floatsOf(this.#parts))) throw damaged(file, 'it holds numbers that are not finite');
      this.#secondsBefore = readElapsed(this.#run);
    }
    const entries = Object.entries(start).map(([key, value]) => [
      key,
      saved?.[key] === undefined ? value : saved[key] === '' ? null : Number(saved[key]),
    ]);
    const position: P = team.broadcast(Object.fromEntries(entries));
    if (team.size > 1)
      torch.scope(() => putBack(this.#parts, team.broadcastTensors(stateOf(this.#parts)), position.step));
    this.#run.keepMetricsUpTo(position.step);
    if (saved !== null) onEvent?.({ type: 'note', text: `going on after step ${position.step} of ${totalSteps}` });
    return position;
  }

  /**
   * After each step: saves when it is time, at the end, and when the job is asked to stop. What is saved in between is copied
   * at once and written during the following steps; the end, a stop, and whoever wants every step wait until it is on the disk.
   *
   * @throws TwoviewError STOPPED after saving, LOSS_NOT_FINITE instead of saving weights that are not finite; TorchError
   *   DISK_FULL, FILE_ACCESS of this checkpoint or the one before
   */
  async after(position: P, totalSteps: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise(setImmediate); // lets Ctrl-C through
    if (this.#failure !== null) await this.#written();
    const ends = position.step === totalSteps;
    const stops = !ends && this.#team.any(signal?.aborted === true);
    if (ends || stops || performance.now() - this.#savedAt >= this.#options.minutes * 60_000)
      await this.#save(position);
    if (ends || stops || this.#options.minutes === 0) await this.#written();
    if (stops) throw stoppedAt(this.#run.path, position.step, totalSteps);
  }

  /** Keeps the state at this position as checkpoints/best.safetensors as well. */
  async saveBest(position: P): Promise<void> {
    await this.#write('best.safetensors', position);
  }

  /** Of the steps that led here, over all processes; what a kill undid does not count. */
  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#since) / 1000;
  }

  /** Nothing is written any more after this, whatever ended the loop. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  async #save(position: P): Promise<void> {
    this.#options.beforeSaving?.();
    this.#run.flush(); // the measurements up to here must be on the disk before the checkpoint that skips them
    const { seconds } = this;
    await this.#write('last.safetensors', position, () => this.#run.writeJson('elapsed.json', { seconds }));
    this.#savedAt = performance.now();
  }

  /** @param then done when the file is there */
  async #write(name: string, position: P, then = () => {}): Promise<void> {
    if (!this.#team.isRankZero) return;
    await this.#written(); // one at a time: each is a copy of all weights
    const { encoder, head } = this.#parts;
    if (!allFinite([...encoder.parameters(), ...(head?.parameters() ?? [])])) {
      throw notFinite('the weights are no longer finite', position.step, this.#run.path);
    }
    const numbers = Object.entries(position).map(([key, value]) => [key, value === null ? '' : String(value)]);
    const metadata = { ...Object.fromEntries(numbers), ...this.#options.about };
    this.#writing = saveCheckpoint(this.#run.file('checkpoints', name), this.#parts, metadata)
      .then(then)
      .catch((error) => {
        this.#failure = { error };
      });
  }

  /** @throws what went wrong with the last one */
  async #written(): Promise<void> {
    await this.#writing;
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }
}

const floatsOf = (parts: Parts): torch.Tensor[] =>
  Object.values(stateOf(parts)).filter(({ dtype }) => dtype.includes('float'));

/** elapsed.json is no part of what two equal runs share. */
function readElapsed(run: Run): number {
  const file = run.file('elapsed.json');
  if (!existsSync(file)) return 0;
  const read = readJson(file);
  const seconds = typeof read === 'object' && read !== null && 'seconds' in read ? read.seconds : null;
  if (typeof seconds === 'number' && seconds >= 0) return seconds;
  throw damaged(file, 'it holds no seconds');
}

/** Largest absolute values carry NaN and infinity along; all of them are read at once, since each reading waits for a GPU. */
const allFinite = (tensors: readonly torch.Tensor[]): boolean =>
  torch.scope(() => {
    const largest = torch.ops._foreachNorm(
      tensors.map((tensor) => tensor.detach()),
      Number.POSITIVE_INFINITY,
    );
    return Number.isFinite(torch.stack(largest).max().item());
  });
