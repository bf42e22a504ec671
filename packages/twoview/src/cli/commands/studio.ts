/** @file twoview studio */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { type StudioConfig, studioSchema } from '../../config/studio.js';
import { requireSource } from '../../data/open-images.js';
import { TwoviewError } from '../../errors.js';
import { defineJob, type JobTools } from '../job-command.js';
import { addSourceArgument } from '../run-argument.js';

/** What this command knows of @twoview/studio, which depends on this package and is built after it. */
interface StudioPackage {
  startStudio(
    options: object,
  ): Promise<{ address(): string; exposure: string | null; opened: Promise<string | null>; close(): Promise<void> }>;
}

export function define(command: Command): void {
  addSourceArgument(command);
  defineJob(command, {
    schema: studioSchema,
    examples: [
      '  twoview studio photos/',
      '  # with a map, similar images and predictions:',
      '  twoview studio photos/ --weights runs/photos',
      '  # prints the address instead of opening it:',
      '  twoview studio photos/ --no-open --port 8123',
    ].join('\n'),
    run: serve,
    print: ({ project }) => `ended  everything is kept in ${project}`,
  });
}

async function serve(config: StudioConfig, { io, screen }: JobTools): Promise<{ project: string }> {
  const { data, weights, project: named, port, host, allowHost, open, ...reading } = config;
  const project = resolve(named === '' ? `${basename(resolve(data))}.studio` : named);
  requireSource(data);
  const { startStudio } = await load();
  const options = {
    source: sourceOf(data),
    reading,
    weights: weights === '' ? null : sourceOf(weights),
    project,
    port,
    host,
    allowHost,
  };
  const studio = await startStudio(options).catch((error) => {
    throw explained(error, config, project);
  });
  const say = () => screen.line(`studio  ${studio.address()}`);
  if (studio.exposure !== null) screen.line(`warning: ${studio.exposure}`);
  screen.line(`project ${project}`);
  say();
  screen.line('Ctrl-C ends it; Enter prints another address, since each is good for one use');
  void studio.opened.then((failure) => {
    if (failure !== null && !io.signal?.aborted) screen.line(`error: ${failure}`);
  });
  if (open) browse(studio.address());
  if (process.stdin.isTTY) process.stdin.on('data', say);
  await new Promise<void>((stop) => {
    if (io.signal?.aborted) stop();
    io.signal?.addEventListener('abort', () => stop(), { once: true });
  });
  process.stdin.off('data', say).pause();
  await studio.close();
  return { project };
}

/** A path means the same wherever the project is opened from; a name is one everywhere. */
const sourceOf = (data: string): string => (existsSync(resolve(data)) ? resolve(data) : data);

async function load(): Promise<StudioPackage> {
  const name = '@twoview/studio'; // a name in a variable is not looked for when this package is compiled
  try {
    return (await import(name)) as StudioPackage;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new TwoviewError('STUDIO_MISSING', {
      what: 'the studio is a package of its own, and is not installed here, or not whole',
      where: (error as Error).message.split('\n')[0]!,
      next: ['npm install @twoview/studio', 'in a clone of the repository: npm run build'],
      cause: error,
    });
  }
}

function explained(error: unknown, { port, host }: StudioConfig, project: string): unknown {
  const { name, message, code, where } = error as Error & { code?: string; where?: string };
  if (name === 'ProjectError') {
    return new TwoviewError('STUDIO_PROJECT', {
      what: message,
      where: where ?? project,
      next: ['--project OTHER  names another folder', 'end the other studio first, where there is one'],
      cause: error,
    });
  }
  if (name === 'ExposureError') {
    return new TwoviewError('CONFIG_INVALID', {
      what: message,
      where: `--host ${host}`,
      next: ['--allow-host NAME', 'or without --host, for this machine alone'],
      cause: error,
    });
  }
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new TwoviewError('STUDIO_PORT', {
      what: code === 'EADDRINUSE' ? 'something else listens there already' : `the system does not allow it (${code})`,
      where: `--host ${host} --port ${port}`,
      next: ['--port 0  takes a free one'],
      cause: error,
    });
  }
  return error;
}

/** Where there is no browser, the address that was printed is enough. */
function browse(address: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', address]
        : ['xdg-open', address];
  spawn(program!, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
