/** @file No error of the operating system reaches a program without a code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseConfig, pretrain, pretrainSchema, writeReport } from '../src/index.js';
import { coded } from '../src/runs/coded.js';

const root = mkdtempSync(join(tmpdir(), 'twoview-test-'));
const file = join(root, 'file');
writeFileSync(file, '');
afterAll(() => rmSync(root, { recursive: true }));

test('an --out below a file', async () => {
  const config = parseConfig(pretrainSchema, { data: 'shapes', out: join(file, 'run'), limit: 8, batchSize: 4 });
  await expect(pretrain(config)).rejects.toMatchObject({ code: 'FILE_ACCESS', message: expect.stringContaining(file) });
});

test('a report of a folder whose name is too long for the file system', async () => {
  await expect(writeReport(join(root, 'x'.repeat(300)))).rejects.toMatchObject({ code: expect.any(String) });
});

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EMFILE', 'FILE_ACCESS'],
])('%s anywhere in a job is %s; other errors stay as they are', async (code, known) => {
  const refused = Object.assign(new Error(code), { code, syscall: 'write', path: file });
  await expect(coded(() => Promise.reject(refused))()).rejects.toMatchObject({ code: known, cause: refused });
  const other = new Error('a bug');
  await expect(coded(() => Promise.reject(other))()).rejects.toBe(other);
});
