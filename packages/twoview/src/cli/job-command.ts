/** @file What all commands with settings share: flags, --config, --print-config, --json, Ctrl-C, the result. */
import { distributed } from '@twoview/torch';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';
import { addFlags, settingsOf } from './flags.js';
import { openScreen, type Screen } from './progress.js';
import { readSettings } from './settings.js';

const { meetingFrom } = distributed;

export interface JobTools {
  io: JobIo;
  screen: Screen;
  options: { json?: boolean; dryRun?: boolean; preset?: string; only?: string[]; reuse?: boolean; html?: string };
}

export interface JobCommand<Schema extends z.ZodObject, Result> {
  schema: Schema;
  /** Whether several processes can do it together. */
  shared?: boolean;
  examples: string;
  run(config: z.output<Schema>, tools: JobTools): Promise<Result>;
  /** The result for people. */
  print(result: Result, config: z.output<Schema>): string;
}

export function defineJob<Schema extends z.ZodObject, Result>(
  command: Command,
  { schema, shared = false, examples, run, print }: JobCommand<Schema, Result>,
): void {
  const settings = settingsOf(schema);
  addFlags(command, settings);
  command
    .option('--config <file>', 'read settings from a YAML file; flags override it')
    .option('--print-config', 'print all settings as YAML and exit')
    .option('--json', 'print the result as JSON on stdout, without progress')
    .addHelpText('after', `\nExamples:\n${examples}`)
    .action(async () => {
      const options = command.opts();
      const silent = !speaks(command.name(), shared);
      const screen = openScreen({ quiet: options.json === true || silent });
      const { signal, close } = stopOnSignals(screen);
      const io = { onEvent: screen.event, signal };
      try {
        const config = await readSettings(schema, settings, options, io);
        if (options.printConfig) {
          process.stdout.write(stringify(config));
          return;
        }
        const result = await run(config, { io, screen, options });
        screen.close();
        if (!silent) console.log(options.json ? JSON.stringify(result) : print(result, config));
      } finally {
        screen.close();
        close();
      }
    });
}

/**
 * Of several processes the first one alone speaks.
 *
 * @throws TwoviewError CONFIG_INVALID where each would do the same job, into the same folder; TorchError ARGUMENT
 */
function speaks(name: string, shared: boolean): boolean {
  const meeting = meetingFrom(process.env);
  if (meeting === null) return true;
  if (shared) return meeting.rank === 0;
  throw new TwoviewError('CONFIG_INVALID', {
    what: `twoview ${name} cannot be shared by ${meeting.size} processes; each would do all of it`,
    where: `WORLD_SIZE=${process.env.WORLD_SIZE ?? process.env.SLURM_NTASKS}`,
    next: ['run it in one process', 'pretrain can be shared'],
  });
}

/** The first Ctrl-C asks the job to stop at a checkpoint, the second one ends the process. */
function stopOnSignals(screen: Screen): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    screen.line('stopping after this step; once more ends it at once');
    controller.abort(
      new TwoviewError('INTERRUPTED', {
        what: 'interrupted',
        where: 'Ctrl-C',
        next: ['the same command again; with --resume where there is an --out folder'],
      }),
    );
  };
  // A file above the limit of ulimit -f must fail with an error; the exit handler of proper-lockfile would end the process.
  const fail = () => {};
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGXFSZ', fail);
  const close = () => {
    // Of several processes one stops all of them; the signal to another may come when that one is ending already.
    if (meetingFrom(process.env) !== null) process.on('SIGINT', () => {}).on('SIGTERM', () => {});
    process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGXFSZ', fail);
  };
  return { signal: controller.signal, close };
}
