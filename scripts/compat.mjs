#!/usr/bin/env node
/**
 * @file Which libtorch works under which runtime, tried here: every pinned version, and the newest that pip knows, times Node, Bun and
 * Deno as npm has them. Each addon is compiled, each pair runs scripts/compat/program.mjs. Prints the table and writes docs/compat.md.
 *
 *     npm run compat -- [--torch 2.11.0,2.15.0] [--out docs/compat.md]
 *
 * Takes some minutes and 2 GB of downloads for each libtorch that is not in the cache yet.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAddon } from '../packages/torch/dist/src/engine/build.js';
import { installLibtorch } from '../packages/torch/dist/src/engine/install.js';
import { stderrLog } from '../packages/torch/dist/src/engine/log.js';
import { cacheRoot } from '../packages/torch/dist/src/engine/paths.js';
import { PINNED_VERSIONS, SUPPORTED_VERSIONS } from '../packages/torch/dist/src/engine/wheels.js';
import { DIFFERENCES } from './compat/differences.mjs';
import { RUNTIMES } from './compat/runtimes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = join(root, 'scripts/compat/program.mjs');
/** What program.mjs prints when all is well. */
const STEPS = 5;
const log = stderrLog();
const { values } = parseArgs({
  options: { torch: { type: 'string' }, out: { type: 'string', default: join(root, 'docs/compat.md') } },
});

const runtimes = RUNTIMES.map(install);
const newest = newestTorch();
const versions = values.torch?.split(',') ?? [...new Set([...PINNED_VERSIONS, newest])];
const rows = [];
for (const version of versions) rows.push(await row(version));
const page = format(rows);
console.log(page);
writeFileSync(values.out, page);

/** A runtime as a package of npm, in a folder of its own in the cache. */
function install({ name, spec, file, args }) {
  const folder = join(cacheRoot(), 'compat', spec.replace(/[@/]/g, '-'));
  const path = join(folder, 'node_modules', file);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--silent'];
    execFileSync('npm', ['install', ...quiet, spec], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const said = execFileSync(path, ['--version'], { encoding: 'utf8' });
  return { title: `${name} ${/\d+\.\d+\.\d+/.exec(said)[0]}`, command: [path, ...args] };
}

/** One libtorch with every runtime: `yes`, or what happened instead. */
async function row(version) {
  const same = (text) => ({ version, cells: runtimes.map(() => text) });
  if (!SUPPORTED_VERSIONS.test(version)) return same('refused: not supported');
  let libtorch;
  try {
    libtorch = await installLibtorch(log, version);
    await buildAddon(libtorch, log);
  } catch (error) {
    return same(`no addon: ${error.message.split('\n')[0]}`);
  }
  const cells = runtimes.map(({ title, command }) => {
    log.line(`libtorch ${version}, ${title}`);
    return cell(command, libtorch.root);
  });
  return { version: libtorch.version, cells };
}

function cell([command, ...args], libtorch) {
  const env = { ...process.env, TWOVIEW_LIBTORCH: libtorch };
  const { status, signal, stdout, stderr } = spawnSync(command, [...args, program], {
    env,
    encoding: 'utf8',
    timeout: 300_000,
  });
  const steps = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (status === 0 && steps.length === STEPS) return 'yes';
  if (steps.length === STEPS - 1 && /code +PROCESS_GROUP/.test(stderr)) return 'alone';
  const last = steps.length === 0 ? 'nothing' : JSON.parse(steps.at(-1)).step;
  const error = signal ?? /^.*Error.*$/m.exec(stderr)?.[0] ?? `exit status ${status}`;
  return `after ${last}: ${error.trim().replaceAll('|', '\\|').slice(0, 120)}`;
}

function newestTorch() {
  const said = execFileSync('python3', ['-m', 'pip', 'index', 'versions', 'torch'], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return /torch \(([\d.]+)\)/.exec(said)[1];
}

function format(rows) {
  const table = [
    ['libtorch', ...runtimes.map(({ title }) => title)],
    ['---', ...runtimes.map(() => '---')],
    ...rows.map(({ version, cells }) => [version, ...cells]),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  return `# Which versions work together

Written by \`npm run compat\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.
The newest torch that pip knew that day was ${newest}.

${table.join('\n')}

\`yes\` means that the addon was compiled against this libtorch and that [scripts/compat/program.mjs](../scripts/compat/program.mjs) ran to its
end: it loads the addon, compares operators, gradients and an autograd function in JavaScript with numbers worked out by hand, trains
a small network, and exchanges tensors in a process group of one. \`alone\` means that all but the process group works, which is refused
with \`PROCESS_GROUP\`: from 2.13 on gradients do not pass \`allGather\` yet, and Bun and Deno end at functions of libuv that Gloo calls.

The whole test suite and the fuzz run with libtorch 2.11.0 and Node 20 alone: a newer libtorch may have operators that end the process when
their arguments are wrong.

## What differs from libtorch 2.11

As the tests show that compare operators with Python's torch 2.11, layers, networks, optimizers and processes
(\`TWOVIEW_LIBTORCH=FOLDER npx vitest run packages/torch/test\`):

${DIFFERENCES}

Every wheel has its checksum in \`packages/torch/src/engine/pinned.ts\`, for Linux on x64 and arm64 and for macOS on arm64.
`;
}

function machine() {
  const system = existsSync('/etc/os-release')
    ? /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))[1]
    : process.platform;
  const compiler = execFileSync(process.env.CXX ?? 'c++', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  return `${system}, ${process.arch}, ${availableParallelism()} cores of ${cpus()[0].model.trim()}, ${compiler}`;
}
