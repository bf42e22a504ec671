import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const lines = (path: string) => read(path).split('\n').length - 1;

const LIMIT = 300;
/** The most lines of C++ in each part of native/. What can be TypeScript is not C++. */
const NATIVE_LIMITS = [
  // 560 of these are what the door must not let through or lose: lists that kernels trust (checked), files that are shortened
  // while mapped (mapping), the processor's mode (floating), functions and hooks in the graph (callbacks), memory that goes back;
  // ten are for libtorch 2.15, which counts the nodes of a graph in another way.
  ['the door to libtorch', 'door', 1720],
  ['the CUDA half: the GPU, events, kernels that NVRTC compiles, and those of batch norm', 'cuda', 780],
  ['processes that compute together', 'group', 360],
  // The last hundred hand over to libtorch whatever a kernel is not right for, and for second derivatives.
  ['kernels of operators that libtorch has too', 'kernels', 720],
] as const;
const sources = tracked.filter((path) => /\.(tsx?|mts|js|mjs|cc|h|py)$/.test(path) && !path.includes('/generated/'));

test(`no source file is longer than ${LIMIT} lines`, () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((path) => lines(path) > LIMIT).map((path) => `${path}: ${lines(path)}`)).toEqual([]);
});

/** What one can look over. */
const FILES_IN_A_FOLDER = 25;

test(`no folder of sources has more than ${FILES_IN_A_FOLDER} files`, () => {
  const counts = new Map<string, number>();
  for (const path of tracked.filter((one) => /^packages\/\w+\/(src|native)\//.test(one))) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  expect(counts.size).toBeGreaterThan(15);
  expect([...counts].filter(([, count]) => count > FILES_IN_A_FOLDER)).toEqual([]);
});

test.each(NATIVE_LIMITS)('C++ of %s stays small', (_, part, limit) => {
  const partOf = (path: string) => /\/native\/(cuda|group|kernels)\//.exec(path)?.[1] ?? 'door';
  const native = tracked.filter((path) => path.startsWith('packages/torch/native/') && partOf(path) === part);
  expect(native.length).toBeGreaterThan(2);
  expect(native.reduce((sum, path) => sum + lines(path), 0)).toBeLessThan(limit);
});

test('a TypeScript source says in its first words why it exists', () => {
  const own = sources.filter((path) => /\/src\/.*\.tsx?$/.test(path));
  expect(own.filter((path) => !/^(#!.*\n)?\/\*\*\s+(\* )?@file /.test(read(path)))).toEqual([]);
});

test('no tracked file names a folder of one machine, or a registry', () => {
  // Put together here, so that this file does not hold what it looks for.
  const machine = new RegExp(
    [
      '/' + 'root/',
      '/' + 'home/[a-z]',
      '/' + 'Users/[A-Za-z]',
      '/' + 'work/',
      '/' + 'tmp/wt',
      'registry' + '\\.npmjs',
      'files\\.' + 'pythonhosted',
      'pypi\\.' + 'org',
    ].join('|'),
  );
  const text = tracked.filter((path) => !/\.(png|jpe?g|pth?|safetensors|bin|npz|gz|pkl|webp|ico)$/.test(path));
  expect(text.filter((path) => machine.test(read(path)))).toEqual([]);
});

interface Locked {
  optionalDependencies?: Record<string, string>;
  dependencies?: Record<string, string>;
  optional?: boolean;
  link?: boolean;
}

/** Where npm looks for a package that another one names: beside it, and in every node_modules above. */
function locked(packages: Record<string, Locked>, from: string, name: string): boolean {
  for (
    let folder = from;
    ;
    folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  ) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

test('package-lock.json holds every dependency of every locked package, those of other platforms included', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
  const missing = Object.entries(packages).flatMap(([path, { dependencies = {}, optionalDependencies = {} }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !locked(packages, path, name))
      .map((name) => `${path} wants ${name}`),
  );
  expect(missing).toEqual([]);
  const optional = Object.values(packages).filter(({ optional }) => optional);
  expect(optional.length).toBeGreaterThan(20); // native packages of many platforms, not of this one alone
});
