/** @file The addon, compiled once for each libtorch and each state of native/, and kept in the cache. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { TorchError } from '../error.js';
import type { Libtorch } from './find.js';
import { withLock } from './lock.js';
import type { SetupLog } from './log.js';
import { cacheRoot, packageRoot } from './paths.js';

const run = promisify(execFile);
const NAME = 'twoview-torch.node';

export interface BuildOptions {
  /** The folder whose *.cc are compiled. */
  sources?: string;
  log: SetupLog;
}

/** @returns the path of the addon @throws TorchError ENGINE_COMPILER, ENGINE_BUILD */
export async function buildAddon(
  torch: Libtorch,
  { sources = join(packageRoot(), 'native'), log }: BuildOptions,
): Promise<string> {
  const files = readdirSync(sources)
    .filter((name) => /\.(cc|h)$/.test(name))
    .sort();
  const flags = compileFlags(torch.root);
  const hash = createHash('sha256').update(JSON.stringify([flags, linkFlags(torch), torch.version, process.arch]));
  for (const name of files) hash.update(name).update(readFileSync(join(sources, name)));
  const folder = join(cacheRoot(), 'addon', hash.digest('hex').slice(0, 16));
  const addon = join(folder, NAME);
  if (existsSync(addon)) return addon;
  await withLock(join(cacheRoot(), 'addon'), log, async () => {
    if (existsSync(addon)) return;
    const partial = `${folder}.partial-${process.pid}`;
    mkdirSync(partial, { recursive: true });
    try {
      const compiler = await findCompiler();
      const units = files.filter((name) => name.endsWith('.cc'));
      await compileAll(
        units,
        (name) => [compiler, [...flags, '-c', join(sources, name), '-o', join(partial, `${name}.o`)]],
        partial,
        log,
      );
      const objects = units.map((name) => join(partial, `${name}.o`));
      await compile(compiler, ['-shared', '-o', join(partial, NAME), ...objects, ...linkFlags(torch)], partial);
      for (const object of objects) rmSync(object);
      renameSync(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
    log.line(`the addon for libtorch ${torch.version} is in ${folder}`);
  });
  return addon;
}

function compileFlags(root: string): string[] {
  const require = createRequire(import.meta.url);
  const includes = [
    dirname(require.resolve('node-addon-api')),
    join(dirname(require.resolve('node-api-headers')), 'include'),
    join(root, 'include'),
    join(root, 'include', 'torch', 'csrc', 'api', 'include'),
  ];
  return ['-std=c++20', '-O2', '-fPIC', '-fvisibility=hidden', ...includes.map((path) => `-I${path}`)];
}

function linkFlags({ root }: Libtorch): string[] {
  const lib = join(root, 'lib');
  const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
  return [`-L${lib}`, '-ltorch_cpu', '-lc10', `-Wl,-rpath,${lib}`, ...undefinedSymbols];
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
      log.progress(`compiling ${unit}`, done, units.length);
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
