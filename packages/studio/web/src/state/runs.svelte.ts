/** @file Runs and their curves, live. */
import { api } from '../api/client.js';
import type { RunCommand, RunInfo, RunMetrics, StudioEvent } from '../api/types.js';
import { notices } from './notices.svelte.js';

type RunEvent = Extract<StudioEvent, { type: 'run' | 'progress' | 'epoch' }>;
const MOST_STEPS = 4000;

class Runs {
  list = $state.raw<RunInfo[]>([]);
  /** Why there is no list. */
  problem = $state('');
  metrics = $state.raw<Record<string, RunMetrics>>({});

  async read(): Promise<void> {
    try {
      this.list = (await api.runs()).runs;
      this.problem = '';
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  async readMetrics(id: string): Promise<void> {
    try {
      this.metrics = { ...this.metrics, [id]: await api.metrics(id) };
    } catch (error) {
      notices.problem(error);
    }
  }

  on(event: RunEvent): void {
    if (event.type === 'run') {
      this.#put(event.run);
      return;
    }
    const known = this.metrics[event.run];
    if (event.type === 'progress') {
      const { at, loss } = event;
      this.list = this.list.map((run) => (run.id === event.run ? { ...run, at } : run));
      if (!known) return;
      const steps = [...known.steps.slice(-MOST_STEPS), { step: at.step, loss, lr: known.steps.at(-1)?.lr ?? 0 }];
      this.metrics = { ...this.metrics, [event.run]: { ...known, steps } };
    } else if (known) {
      const epochs = [...known.epochs.filter(({ epoch }) => epoch !== event.epoch), event].sort(
        (a, b) => a.epoch - b.epoch,
      );
      this.metrics = { ...this.metrics, [event.run]: { ...known, epochs } };
    }
  }

  #put(run: RunInfo): void {
    const known = this.list.some(({ id }) => id === run.id);
    this.list = known ? this.list.map((other) => (other.id === run.id ? run : other)) : [run, ...this.list];
  }

  /** @returns the new run, or undefined where it was refused */
  async start(command: RunCommand, settings: Record<string, unknown>): Promise<RunInfo | undefined> {
    try {
      const { run } = await api.startRun({ command, settings });
      this.#put(run);
      return run;
    } catch (error) {
      notices.problem(error);
      return undefined;
    }
  }

  /** The server tells the rest as it goes on. */
  async useEncoder(id: string): Promise<void> {
    try {
      await api.useEncoder(id);
    } catch (error) {
      notices.problem(error);
    }
  }

  async act(id: string, action: 'pause' | 'continue' | 'stop'): Promise<void> {
    try {
      this.#put((await api.runAction(id, action)).run);
    } catch (error) {
      notices.problem(error);
    }
  }
}

export const runs = new Runs();
