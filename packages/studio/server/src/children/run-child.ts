/** @file The child of one run: a job of the library, which stops at a checkpoint when it is asked to, or when the server is gone. */
import { compare, finetune, type ProgressEvent, pretrain, TwoviewError } from 'twoview';
import type { RunCommand } from '../api.js';
import type { Tools } from './protocol.js';
import { serve } from './serve.js';

const JOBS = { compare, finetune, pretrain } as Record<RunCommand, (options: never) => Promise<unknown>>;

let going: Promise<unknown> = Promise.resolve();

const functions = {
  run: async (
    { command, settings }: { command: RunCommand; settings: Record<string, unknown> },
    { tell, signal }: Tools,
  ): Promise<'finished' | 'stopped'> => {
    const options = { ...settings, onEvent: (event: ProgressEvent) => tell(event), signal };
    const job = JOBS[command](options as never);
    going = job.catch(() => {});
    try {
      await job;
      return 'finished';
    } catch (error) {
      if (error instanceof TwoviewError && ['STOPPED', 'INTERRUPTED'].includes(error.code)) return 'stopped';
      throw error;
    }
  },
};

export type RunChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};

// `disconnect` aborts the job; the process ends when its checkpoint is written.
serve(functions, async () => {
  await going;
});
