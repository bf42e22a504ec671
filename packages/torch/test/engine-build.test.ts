/** @file The addon in the cache: what it is named by, what a killed build leaves, and when a prebuilt one is taken. Copies of the package stand for installations. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { findLibtorch, type Libtorch } from '../src/engine/find.js';
import { addonPlace } from '../src/engine/place.js';

const own = fileURLToPath(new URL('..', import.meta.url));
const platform = `@twoview/torch-${process.platform}-${process.arch}`;
let root: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'twoview-build-'));
  cache = join(root, 'cache');
});
afterEach(() => rmSync(root, { recursive: true }));

/** This package, installed into a folder of this name. */
function installed(name: string): string {
  const modules = join(root, name, 'node_modules');
  const folder = join(modules, '@twoview/torch');
  for (const part of ['package.json', 'native', 'dist/src'])
    cpSync(join(own, part), join(folder, part), { recursive: true });
  for (const dependency of readdirSync(join(own, '../../node_modules')))
    if (!['@twoview', '.bin'].includes(dependency) && !dependency.startsWith('.'))
      symlinkSync(join(own, '../../node_modules', dependency), join(modules, dependency));
  return folder;
}

/** A folder that a build takes for a libtorch; nothing of it is loaded. */
function libtorch(version = '2.11.0+cpu', name = 'torch'): Libtorch {
  mkdirSync(join(root, name, 'lib'), { recursive: true });
  return { source: 'TWOVIEW_LIBTORCH', root: join(root, name), version };
}

/** A compiler that writes its own arguments instead of what it should. */
function compiler(): string {
  const path = join(root, 'c++');
  writeFileSync(path, '#!/bin/sh\nfor last; do [ "$previous" = -o ] && echo "$*" > "$last"; previous=$last; done\n');
  chmodSync(path, 0o755);
  return path;
}

function call(folder: string, what: 'addonPlace' | 'buildAddon', torch: Libtorch, CXX = join(root, 'none')) {
  const module = pathToFileURL(join(folder, `dist/src/engine/${what === 'addonPlace' ? 'place' : 'build'}.js`));
  const log = '{ line: (text) => console.error(text), progress: () => {} }';
  const script = `import { ${what} } from '${module}'; Promise.resolve(${what}(${JSON.stringify(torch)}, ${log})).then((value) => console.log(JSON.stringify(value)), (error) => console.error(error.message))`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TWOVIEW_CACHE: cache, CXX },
    encoding: 'utf8',
  });
  return { value: stdout === '' ? null : JSON.parse(stdout), stderr };
}

function prebuilt(folder: string, addon: { key: string; torch: string }, bytes: Buffer): void {
  const target = join(folder, '../..', platform);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'addon.json'), JSON.stringify(addon));
  writeFileSync(join(target, 'twoview-torch.node'), bytes);
}

test('two installations share one addon; other sources or another libtorch are another', () => {
  const [a, b] = [installed('a'), installed('somewhere/else/b')];
  const { value: first } = call(a, 'addonPlace', libtorch());
  expect(first).toEqual({ addon: expect.stringContaining(join(cache, 'addon', first.key)), key: expect.any(String) });
  expect(call(b, 'addonPlace', libtorch()).value).toEqual(first);
  expect(call(b, 'addonPlace', libtorch('2.10.0')).value.key).not.toBe(first.key);
  const elsewhere = call(b, 'addonPlace', libtorch('2.11.0+cu130', 'other')).value;
  expect(elsewhere.key).toBe(first.key); // of the same, but its own folder: that links to its libtorch
  expect(elsewhere.addon).not.toBe(first.addon);
  appendFileSync(join(b, 'native/state.h'), '\n');
  expect(call(b, 'addonPlace', libtorch()).value.key).not.toBe(first.key);
});

test('a build sweeps what killed ones left, and leaves nothing but the addon and its link', () => {
  const left = join(cache, 'addon', '0123456789abcdef-01234567.partial-1');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'addon.cc.o'), '');
  const { value: path, stderr } = call(installed('a'), 'buildAddon', libtorch(), compiler());
  expect(readFileSync(path, 'utf8'), stderr).toMatch(/^-shared -o .*-Wl,-rpath,(\$ORIGIN|@loader_path)\/lib/);
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(join(cache, 'addon'))).toHaveLength(1);
  expect(readdirSync(join(path, '..')).sort()).toEqual(['lib', 'twoview-torch.node']);
});

test('where one file fails, its error is in the log, and others end before their folder goes', () => {
  const path = join(root, 'c++');
  const fails = 'case "$*" in --version) ;; *addon.cc*) sleep 0.2; echo "error: the first one" >&2; exit 1;;';
  writeFileSync(path, `#!/bin/sh\n${fails} *) sleep 0.6; for last; do :; done; echo x > "$last" || exit 1;; esac\n`);
  chmodSync(path, 0o755);
  const { value, stderr } = call(installed('a'), 'buildAddon', libtorch(), path);
  expect(value).toBeNull();
  expect(stderr).toContain('error: the first one');
  const [log, ...others] = readdirSync(join(cache, 'addon'));
  expect(others).toEqual([]);
  expect(readFileSync(join(cache, 'addon', log!), 'utf8')).toContain('error: the first one');
});

test('a prebuilt addon that is made of the same is taken, without a compiler', async () => {
  const torch = (await findLibtorch()).found!;
  const { addon, key } = addonPlace(torch);
  const bytes = readFileSync(addon); // set-up has made it
  const folder = installed('a');
  prebuilt(folder, { key, torch: '2.11.0' }, bytes);
  const { value: path, stderr } = call(folder, 'buildAddon', torch);
  expect(path, stderr).toBe(join(cache, 'addon', addon.split('/').at(-2)!, 'twoview-torch.node'));
  expect(readFileSync(path).equals(bytes)).toBe(true);
  execFileSync(process.execPath, ['-e', 'process.dlopen({ exports: {} }, process.argv[1])', path]);
});

test('a prebuilt addon of other sources, and one that does not load here, are passed over aloud', () => {
  const folder = installed('a');
  const { key } = call(folder, 'addonPlace', libtorch()).value;
  expect(call(folder, 'buildAddon', libtorch(), compiler()).stderr).toContain(
    `${platform} is not installed; compiling`,
  );
  rmSync(cache, { recursive: true });
  prebuilt(folder, { key: 'another', torch: '2.10.0' }, Buffer.from('x'));
  expect(call(folder, 'buildAddon', libtorch(), compiler()).stderr).toContain(`${platform} is for libtorch 2.10.0`);
  rmSync(cache, { recursive: true });
  prebuilt(folder, { key, torch: '2.11.0' }, Buffer.from('x'));
  expect(call(folder, 'buildAddon', libtorch(), compiler()).stderr).toMatch(/does not load here \(.+\); compiling it/);
  rmSync(cache, { recursive: true });
  expect(call(folder, 'buildAddon', libtorch()).stderr).toContain('there is no C++ compiler on the PATH');
});
