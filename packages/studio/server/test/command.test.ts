/** @file `twoview studio` as a person starts and ends it: compiled, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from './client.js';
import { COMMAND } from './kills.js';
import { flatFolder, temporaryFolder } from './photographs.js';

const root = temporaryFolder();
const folder = join(root, 'photographs');
beforeAll(async () => {
  await flatFolder(folder, 6, 16);
});
afterAll(() => rmSync(root, { recursive: true }));

interface Started {
  process: ChildProcess;
  /** Everything that it has printed. */
  said(): string;
  /** Ends with its exit status. */
  ended: Promise<number>;
}

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [COMMAND, 'studio', ...args, '--no-open'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
  return { process: child, said: () => text, ended: once(child, 'close').then(([status]) => status) };
}
const address = async ({ said }: Started): Promise<string> => {
  await expect.poll(() => /http:\S+/.exec(said())?.[0], { timeout: 60_000 }).toBeDefined();
  return /http:\S+/.exec(said())![0];
};

test('it prints an address that opens it, and Ctrl-C ends it with status 0 and all its children', async () => {
  const studio = start(folder);
  const client = new Client(Number(new URL(await address(studio)).port));
  expect((await client.signIn(await address(studio))).status).toBe(303);
  await expect.poll(async () => (await client.get('/api/state')).json.phase, { timeout: 60_000 }).toBe('ready');
  studio.process.kill('SIGINT');
  expect(await studio.ended).toBe(0);
  expect(studio.said()).toContain(join(root, 'photographs.studio'));
}, 120_000);

test('a port or a project that is taken is said with a code', async () => {
  const first = start(folder, '--project', join(root, 'one'));
  const { port } = new URL(await address(first));
  const samePort = start(folder, '--port', port, '--project', join(root, 'two'));
  expect([await samePort.ended, samePort.said()]).toEqual([1, expect.stringContaining('STUDIO_PORT')]);
  const sameProject = start(folder, '--project', join(root, 'one'));
  expect([await sameProject.ended, sameProject.said()]).toEqual([2, expect.stringContaining('STUDIO_PROJECT')]);
  first.process.kill('SIGINT');
  expect(await first.ended).toBe(0);
}, 120_000);

test.each([
  ['no such source', ['nowhere/'], 'DATA_NOT_FOUND'],
  ['other machines without their names', ['shapes', '--host', '0.0.0.0'], '--allow-host'],
])('%s is refused before anything is started', async (_, args, words) => {
  const studio = start(...args);
  expect([await studio.ended, studio.said()]).toEqual([2, expect.stringContaining(words)]);
});
