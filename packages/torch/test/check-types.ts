/** @file Runs the TypeScript compiler on single files with the project's settings. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export function checkTypes(files: readonly URL[]): { status: number | null; stdout: string } {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const folder = mkdtempSync(join(tmpdir(), 'twoview-types-'));
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    composite: false,
    declaration: false,
    noEmit: true,
    typeRoots: [at('../../../node_modules/@types')],
  };
  const extend = at('../../../tsconfig.base.json');
  writeFileSync(
    config,
    JSON.stringify({ extends: extend, compilerOptions, files: files.map((file) => fileURLToPath(file)) }),
  );
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { status, stdout };
}
