/** @file What once returned other tensors, ended the process or changed JavaScript itself; each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const child = fileURLToPath(new URL('../dist/test/children/robust.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'twoview-robust-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(name: string): unknown {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [child, name, folder], { encoding: 'utf8' });
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

test('two who load at the same time have one set of tensors', () => {
  expect(run('load')).toEqual({ a: [8.5, 8.5], b: [0, 0, 0] });
});

test("JavaScript's own arithmetic is as before, whatever libtorch does with subnormal numbers", () => {
  const javascript = [true, 1.1125369292536007e-308, '[5e-324]'];
  expect(run('subnormals')).toEqual({
    before: javascript,
    loaded: javascript,
    asked: javascript,
    off: 1,
    on: 0,
    threads: 0,
  });
});

test('a file that is shortened while it is mapped is an error, every time it is read', () => {
  expect(run('shortened')).toEqual({
    whole: 4096,
    codes: ['FILE_ACCESS', 'FILE_ACCESS', 'FILE_ACCESS'],
    alive: 2,
    others: 6,
  });
});

test('workers that end in the middle leave no profile, group or seed behind', () => {
  expect(run('workers')).toEqual({ profile: true, group: 'world', sameDraws: true, ownDraws: true });
});

test('profiles are taken while workers call operators', () => {
  expect(run('profiles')).toEqual({ many: true, own: true });
});

test('memory that was freed goes back within seconds, unless it was asked to stay', () => {
  const { rest, kept } = run('memory') as { rest: number; kept: number };
  // MiB above the start after 800 MiB were freed and 100 MiB live on.
  expect(rest).toBeLessThan(130);
  expect(kept).toBeGreaterThan(700);
});
