/**
 * @file The addon and its CUDA half for each libtorch and each state of native/, in the cache: a prebuilt one where there is one, else
 * compiled. It finds libtorch through a link beside it, so that the same file serves everybody who has that version.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
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
import { cacheRoot, packageRoot } from './paths.js';
import { ADDON_FILE, loadsHere, prebuiltAddon } from './prebuilt.js';

const run = promisify(execFile);

/** The link beside an addon to the libraries of its libtorch. */
const LIBRARIES = 'lib';

/** What is compiled into one library. */
interface Library {
  name: string;
  /** The folders whose *.cc are compiled. */
  sources: readonly string[];
  /** Folders with headers, beside those of libtorch and Node. */
  includes: readonly string[];
  links: readonly string[];
  /** The version that it is compiled for. */
  version: string;
}

/** @returns the path of the addon @throws TorchError ENGINE_COMPILER, ENGINE_BUILD */
export const buildAddon = (torch: Libtorch, log: SetupLog): Promise<string> => build(torch, addonLibrary(torch), log);

const addonLibrary = ({ version }: Libtorch): Library => ({
  name: ADDON_FILE,
  sources: ['', 'group', 'kernels'].map((folder) => join(nativeSources(), folder)),
  includes: [nativeSources(), join(nativeSources(), 'group/gloo-stub')],
  links: ['-ltorch_cpu', '-lc10'],
  version: version.split('+')[0]!, // a build with CUDA and one without offer the same on the CPU
});

/**
 * The CUDA half. The linker must not drop libtorch_cuda, of which no symbol is used: loading it is what registers the
 * operators of the GPU. cudart comes along with libc10_cuda.
 *
 * @param includes folders with the headers of the CUDA runtime
 * @throws TorchError ENGINE_COMPILER, ENGINE_BUILD
 */
export const buildCuda = (torch: Libtorch, includes: readonly string[], log: SetupLog): Promise<string> =>
  build(
    torch,
    {
      name: 'twoview-torch-cuda.node',
      sources: [cudaSources()],
      includes,
      links: ['-Wl,--no-as-needed', '-ltorch_cuda', '-lc10_cuda', '-ltorch_cpu', '-lc10'],
      version: torch.version,
    },
    log,
  );

const nativeSources = (): string => join(packageRoot(), 'native');
export const cudaSources = (): string => join(nativeSources(), 'cuda');

/** Where the addon for a libtorch lies or will lie, and the key that says what it is made of. */
export function addonPlace(torch: Libtorch): { addon: string; key: string } {
  const { addon, key } = placeOf(torch, addonLibrary(torch));
  return { addon, key };
}

/**
 * The key is of contents alone: sources, flags, version. Where this package lies is no part of it, so that a second installation
 * finds what the first compiled; where libtorch lies decides about the folder, which links to it.
 */
function placeOf(torch: Libtorch, { name, sources, includes, links, version }: Library) {
  const units = sources.flatMap((folder) => filesIn(folder, '.cc'));
  const headers = filesIn(nativeSources(), '.h', true); // those of the addon serve the CUDA half as well
  const flags = compileFlags(torch.root, includes);
  const linking = linkFlags(links);
  const settings = flags.filter((flag) => !flag.startsWith('-I'));
  const hash = createHash('sha256').update(
    JSON.stringify([settings, linking, version, process.platform, process.arch]),
  );
  for (const path of [...headers, ...units]) hash.update(basename(path)).update(readFileSync(path));
  const key = hash.digest('hex').slice(0, 16);
  const where = createHash('sha256').update(torch.root).update(torch.version).digest('hex').slice(0, 8);
  const folder = join(cacheRoot(), 'addon', `${key}-${where}`);
  return { units, flags, linking, key, folder, addon: join(folder, name) };
}

async function build(torch: Libtorch, library: Library, log: SetupLog): Promise<string> {
  const { name } = library;
  const { units, flags, linking, key, folder, addon } = placeOf(torch, library);
  if (existsSync(addon)) return addon;
  await withLock(join(cacheRoot(), 'addon'), log, async () => {
    if (existsSync(addon)) return;
    sweep(join(cacheRoot(), 'addon'));
    const partial = `${folder}.partial-${process.pid}`;
    mkdirSync(partial, { recursive: true });
    try {
      symlinkSync(resolve(torch.root, 'lib'), join(partial, LIBRARIES));
      const file = join(partial, name);
      if (name !== ADDON_FILE || !(await takePrebuilt(key, file, log))) {
        const compiler = await findCompiler();
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

const filesIn = (folder: string, ending: string, recursive = false): string[] =>
  readdirSync(folder, { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

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
  // As libtorch itself: some of its classes are larger without NDEBUG.
  return ['-std=c++20', '-O3', '-DNDEBUG', '-fPIC', '-fvisibility=hidden', ...includes.map((path) => `-I${path}`)];
}

function linkFlags(links: readonly string[]): string[] {
  const mac = process.platform === 'darwin';
  const here = mac ? '@loader_path' : '$ORIGIN';
  return [...links, `-Wl,-rpath,${here}/${LIBRARIES}`, ...(mac ? ['-undefined', 'dynamic_lookup'] : [])];
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
    next: ['Debian, Ubuntu: apt-get install g++', 'Fedora: dnf install gcc-c++', 'macOS: xcode-select --install'],
  });
}

async function compileAll(
  units: string[],
  command: (unit: string) => [string, string[]],
  folder: string,
  log: SetupLog,
): Promise<void> {
  const waiting = [...units];
  let done = 0;
  const worker = async () => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      log.progress(`compiling ${basename(unit)}`, done, units.length);
      await compile(...command(unit), folder);
      done++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(units.length, availableParallelism()) }, worker));
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
