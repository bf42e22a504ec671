#!/usr/bin/env node
/**
 * @file From a fresh clone to a working twoview: npm packages, the TypeScript build, the studio's page, the engine. Each step is skipped when
 * it is done, so that this may stand before every command. Needs Node alone, since it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `error: twoview needs Node 20.19 or newer; this is ${process.version}\n  next   install a current Node`,
  );
  process.exit(2);
}

function run(what, command, args) {
  const started = Date.now();
  console.error(`setup  ${what}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`error: setting up failed at: ${what}${error ? ` (${error.message})` : ''}`);
    process.exit(1);
  }
  console.error(`setup  ${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** When a file below this folder was last changed. */
function newestOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs));
}

const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  run('npm packages', 'npm', ['ci', '--no-audit', '--no-fund']);
}
run('build', process.execPath, [
  join(
    root,
    'node_modules',
    'typescript',
    JSON.parse(readFileSync(join(root, 'node_modules/typescript/package.json'), 'utf8')).bin.tsc,
  ),
  '-b',
]);
const web = join(root, 'packages/studio/web');
const page = join(root, 'packages/studio/dist/web/index.html');
if (!existsSync(page) || newestOf(web) > statSync(page).mtimeMs) {
  run('page of the studio', process.execPath, [
    join(root, 'node_modules/vite/bin/vite.js'),
    'build',
    web,
    '--logLevel',
    'warn',
  ]);
}
run('engine', process.execPath, [join(root, 'packages/torch/dist/src/engine/setup.js')]);
