#!/usr/bin/env node
/** @file Lint, types, unit tests and the slow suite; the last line counts them all. `--fast` leaves the slow suite out. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'twoview-test-'));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
let failed = spawnSync(process.execPath, [biome, 'check', '.'], { cwd: root, stdio: 'inherit' }).status === 0 ? 0 : 1;
if (failed > 0) console.error('lint: failed; npm run format fixes most of it');
let passed = failed === 0 ? 1 : 0;

const suites = process.argv.includes('--fast') ? ['vitest.config.ts'] : ['vitest.config.ts', 'vitest.slow.config.ts'];
for (const config of suites) {
  const file = join(folder, `${config}.json`);
  const args = [
    vitest,
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests + (status !== 0 && numFailedTests === 0 ? 1 : 0);
}
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
