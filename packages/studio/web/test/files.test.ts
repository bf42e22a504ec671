/** @file Rules for the page's files: short, each says what it is, nothing that the Content-Security-Policy forbids; types hold. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { classKeys } from '../src/logic/class-keys.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(svelte|ts)$/.test(file))
    .map((file) => ({ file: join(folder, file), text: readFileSync(join(root, folder, file), 'utf8') })),
);
const those = (wrong: (text: string, file: string) => boolean) =>
  files.filter(({ text, file }) => wrong(text, file)).map(({ file }) => file);

test('components are below 200 lines, other files at most 300', () => {
  expect(files.length).toBeGreaterThan(60);
  expect(those((text, file) => text.split('\n').length > (file.endsWith('.svelte') ? 199 : 300))).toEqual([]);
});
test('every file says first what it is', () => {
  expect(those((text) => !/^(\/\*\*|<!--)\s+(\*\s)?@file /.test(text))).toEqual([]);
});
test('the keys that classes get are keys that no view uses for anything else', () => {
  const used = files.flatMap(({ text }) => [...text.matchAll(/event\.key === '(.)'/g)].map(([, key]) => key!));
  expect(used).toContain('u');
  const classes = Array.from({ length: 40 }, (_, id) => ({ id, key: null, name: '', count: 0 }));
  expect([...classKeys(classes).keys()].filter((key) => used.includes(key))).toEqual([]);
});
test('no markup from texts, no style attributes in markup, no script from strings', () => {
  const forbidden = /\{@html|innerHTML|\sstyle="|\beval\(|new Function|setAttribute\('style'/;
  expect(those((text, file) => file.startsWith('src') && forbidden.test(text))).toEqual([]);
});
test('no address of another computer', () => {
  expect(those((text, file) => file.startsWith('src') && /https?:\/\//.test(text))).toEqual([]);
});
test('only the api folder asks the server', () => {
  const asks = /\bfetch\(|new EventSource|XMLHttpRequest|sendBeacon/;
  expect(those((text, file) => file.startsWith('src') && asks.test(text))).toEqual([
    'src/api/client.ts',
    'src/api/events.ts',
  ]);
});
test('svelte-check finds nothing', () => {
  const bin = join(dirname(createRequire(import.meta.url).resolve('svelte-check/package.json')), 'bin/svelte-check');
  const { status, stdout } = spawnSync(process.execPath, [bin, '--fail-on-warnings', '--output', 'machine'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stdout).toBe(0);
});
