/**
 * @file The addon and its CUDA half for each libtorch and each state of native/, made where they are missing: the prebuilt one where
 * there is one, else compiled.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { TorchError } from '../error.js';
import type { Libtorch } from './find.js';
import { withLock } from './lock.js';
import type { SetupLog } from './log.js';
import { cacheRoot } from './paths.js';
import { addonLibrary, cudaLibrary, FLAGS, LIBRARIES, type Library, placeOf } from './place.js';
import { loadsHere, prebuiltAddon } from './prebuilt.js';
import { TORCH_VERSION } from './wheels.js';

const run = promisify(execFile);

/** @returns the path of the addon @throws TorchError ENGINE_COMPILER, ENGINE_BUILD */
export const buildAddon = (torch: Libtorch, log: SetupLog): Promise<string> =>
  build(torch, addonLibrary(torch), log, (file, key) => takePrebuilt(key, file, log));

/** @param headers folders with the headers of the CUDA runtime @throws TorchError ENGINE_COMPILER, ENGINE_BUILD */
export const buildCuda = (torch: Libtorch, headers: readonly string[], log: SetupLog): Promise<string> =>
  build(torch, { ...cudaLibrary(torch), includes: headers }, log);

/** @param ready puts a file there that need not be compiled, or says false */
async function build(
  torch: Libtorch,
  library: Library,
  log: SetupLog,
  ready: (file: string, key: string) => Promise<boolean> = async () => false,
): Promise<string> {
  const { name } = library;
  const { units, linking, key, folder, addon } = placeOf(torch, library);
  if (existsSync(addon)) return addon;
  await withLock(join(cacheRoot(), 'addon'), log, async () => {
    if (existsSync(addon)) return;
    sweep(join(cacheRoot(), 'addon'));
    const partial = `${folder}.partial-${process.pid}`;
    mkdirSync(partial, { recursive: true });
    try {
      symlinkSync(resolve(torch.root, 'lib'), join(partial, LIBRARIES));
      const file = join(partial, name);
      if (!(await ready(file, key))) {
        const compiler = await findCompiler();
        const flags = compileFlags(torch.root, library.includes);
        const objectOf = (unit: string) => join(partial, `${basename(unit)}.o`);
        await compileAll(units, (unit) => [compiler, [...flags, '-c', unit, '-o', objectOf(unit)]], partial, log);
        const objects = units.map(objectOf);
        await compile(
          compiler,
          ['-shared', '-o', file, ...objects, `-L${join(partial, LIBRARIES)}`, ...linking],
          partial,
        );
        for (const object of objects) rmSync(object);
      }
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
    log.line(`${name} for libtorch ${torch.version} is in ${folder}`);
  });
  return addon;
}

async function takePrebuilt(key: string, file: string, log: SetupLog): Promise<boolean> {
  const { path, note } = prebuiltAddon(key);
  if (path === null) {
    log.line(`${note}; compiling the addon`);
    return false;
  }
  copyFileSync(path, file);
  const refusal = await loadsHere(file);
  if (refusal === null) return true;
  log.line(`the prebuilt addon does not load here (${refusal}); compiling it`);
  return false;
}

/** What builds left that were killed; the lock says that nobody builds now. Logs of failed ones stay. */
function sweep(cache: string): void {
  for (const name of readdirSync(cache))
    if (/\.partial-\d+$/.test(name)) rmSync(join(cache, name), { recursive: true, force: true });
}

/** @param extra folders with headers, beside those of libtorch and Node */
export function compileFlags(root: string, extra: readonly string[]): string[] {
  const require = createRequire(import.meta.url);
  const includes = [
    dirname(require.resolve('node-addon-api')),
    join(dirname(require.resolve('node-api-headers')), 'include'),
    join(root, 'include'),
    join(root, 'include', 'torch', 'csrc', 'api', 'include'),
    ...extra,
  ];
  return [...FLAGS, ...includes.map((path) => `-I${path}`)];
}

async function findCompiler(): Promise<string> {
  for (const name of process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++']) {
    try {
      await run(name, ['--version']);
      return name;
    } catch {}
  }
  throw new TorchError('ENGINE_COMPILER', 'there is no C++ compiler on the PATH', {
    ...(process.env.CXX && { where: `CXX=${process.env.CXX}` }),
    next: [
      `npm install --include=optional  brings a prebuilt addon, which fits libtorch ${TORCH_VERSION}`,
      'Debian, Ubuntu: apt-get install g++',
      'Fedora: dnf install gcc-c++',
      'macOS: xcode-select --install',
    ],
  });
}

async function compileAll(
  units: string[],
  command: (unit: string) => [string, string[]],
  folder: string,
  log: SetupLog,
): Promise<void> {
  const waiting = [...units];
  const failures: unknown[] = [];
  let done = 0;
  const worker = async () => {
    for (let unit = waiting.shift(); unit !== undefined && failures.length === 0; unit = waiting.shift()) {
      log.progress(`compiling ${basename(unit)}`, done, units.length);
      await compile(...command(unit), folder).catch((error) => failures.push(error));
      done++;
    }
  };
  // All end before the folder goes: a compiler that finds it gone would write its own error over the first one's.
  await Promise.all(Array.from({ length: Math.min(units.length, availableParallelism()) }, worker));
  if (failures.length > 0) throw failures[0];
}

async function compile(compiler: string, args: string[], folder: string): Promise<void> {
  try {
    await run(compiler, args, { maxBuffer: 64 << 20 });
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? error);
    const file = `${folder}.log`;
    writeFileSync(file, `${compiler} ${args.join(' ')}\n\n${said}`);
    const first = said
      .split('\n')
      .filter((line) => /error/i.test(line))
      .slice(0, 3);
    throw new TorchError('ENGINE_BUILD', 'the addon could not be compiled', {
      where: first.join('\n         ') || said.slice(0, 400),
      next: [
        `read the whole log: ${file}`,
        'g++ 11 or clang 14 and newer are known to work; CXX=NAME picks another compiler',
      ],
      cause: error,
    });
  }
}
