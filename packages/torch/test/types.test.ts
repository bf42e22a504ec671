import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generate } from '../scripts/generate-ops.js';
import { TORCH_VERSION } from '../src/engine/wheels.js';
import * as torch from '../src/index.js';
import { checkTypes } from './check-types.js';

const at = (path: string) => new URL(path, import.meta.url);

test('src/generated/ops.ts is what scripts/generate-ops.ts writes', async ({ skip }) => {
  await torch.load({ threads: 1 });
  const { version } = torch.buildInfo();
  skip(!version.startsWith(TORCH_VERSION), `the file is made from libtorch ${TORCH_VERSION}; this is ${version}`);
  const committed = readFileSync(at('../src/generated/ops.ts'), 'utf8');
  const fresh = await generate();
  // Compared by line first, so that a difference is short to read.
  const lines = new Set(committed.split('\n'));
  expect(fresh.split('\n').filter((line) => !lines.has(line))).toEqual([]);
  expect(fresh).toBe(committed);
});

test('the compiler takes right calls of operators and refuses wrong ones', () => {
  expect(checkTypes([at('types/operators.ts')])).toEqual({ status: 0, stdout: '' });
}, 60_000);

test('and this check can fail', () => {
  const text = readFileSync(at('types/operators.ts'), 'utf8').replace("{ stride: '1' }", '{ stride: 1 }');
  const file = at(`types/broken-${process.pid}.ts`); // beside the other, for its imports
  writeFileSync(file, text);
  try {
    const { status, stdout } = checkTypes([file]);
    expect(status).not.toBe(0);
    expect(stdout).toContain("Unused '@ts-expect-error' directive");
  } finally {
    rmSync(file);
  }
}, 60_000);
