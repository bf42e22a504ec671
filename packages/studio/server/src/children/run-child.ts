/** @file The child of one run: a job of the library, which stops at a checkpoint when it is asked to, or when the server is gone. */
import {
  compare,
  finetune,
  type ProgressEvent,
  pretrain,
  type RepresentationsReport,
  TwoviewError,
  writeReport,
} from 'twoview';
import type { RunCommand } from '../api.js';
import { addToCourse } from './course.js';
import type { SourceOptions } from './images-child.js';
import { labelledRows } from './labelled-rows.js';
import type { Tools } from './protocol.js';
import { serve } from './serve.js';

const JOBS = { compare, finetune, pretrain } as Record<RunCommand, (options: never) => Promise<unknown>>;

/** What is told of a run: the library's events, and that its course has another map. */
export type RunEvent = ProgressEvent | { type: 'course' };

let going: Promise<unknown> = Promise.resolve();

interface RunCall {
  command: RunCommand;
  settings: Record<string, unknown>;
  /** Of a pre-training on the images as they are: the image of each row of the training part. */
  imageOf: Int32Array | null;
  /** Rows of a set that is not made of files, with what people labelled. */
  labelled: { of: SourceOptions; file: string } | null;
}

const functions = {
  run: async (
    { command, settings, imageOf, labelled }: RunCall,
    { tell, signal }: Tools,
  ): Promise<'finished' | 'stopped'> => {
    using set = labelled === null ? null : await labelledRows(labelled.of, labelled.file);
    const onRepresentations = (report: RepresentationsReport) => {
      addToCourse(settings.out as string, report, imageOf!);
      tell({ type: 'course' } satisfies RunEvent);
    };
    const options = {
      ...{ ...settings, onEvent: (event: ProgressEvent) => tell(event), signal },
      ...(set !== null && { data: set }),
      ...(imageOf !== null && { onRepresentations }),
    };
    const job = JOBS[command](options as never);
    going = job.catch(() => {});
    try {
      await job;
      if (command === 'compare') await writeReport(settings.out as string);
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
