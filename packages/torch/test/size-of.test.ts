/** @file The size of a folder while another program makes and removes folders in it, as pip does. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sizeOf } from '../src/engine/size-of.js';

test('counts files in folders of folders; a folder that is not there has no bytes', () => {
  const root = mkdtempSync(join(tmpdir(), 'twoview-size-'));
  mkdirSync(join(root, 'a', 'b'), { recursive: true });
  writeFileSync(join(root, 'one'), Buffer.alloc(10));
  writeFileSync(join(root, 'a', 'b', 'two'), Buffer.alloc(300));
  expect(sizeOf(root)).toBe(310);
  expect(sizeOf(join(root, 'nowhere'))).toBe(0);
  rmSync(root, { recursive: true });
});

test('bears folders that vanish while it looks', async () => {
  const root = mkdtempSync(join(tmpdir(), 'twoview-size-'));
  writeFileSync(join(root, 'stays'), Buffer.alloc(10));
  const busy = `const { mkdirSync, rmdirSync } = require('node:fs');
    for (let i = 0; i < 30_000; i++) { mkdirSync(${JSON.stringify(root)} + '/' + i % 7); rmdirSync(${JSON.stringify(root)} + '/' + i % 7); }`;
  const other = spawn(process.execPath, ['-e', busy], { stdio: 'inherit' });
  const ended = new Promise((resolve) => other.on('exit', resolve));
  let looks = 0;
  while (other.exitCode === null) {
    for (let i = 0; i < 100; i++, looks++) expect(sizeOf(root)).toBe(10);
    await new Promise(setImmediate);
  }
  expect([await ended, looks > 100]).toEqual([0, true]);
  rmSync(root, { recursive: true });
});
