/**
 * @file Where the addon and its CUDA half lie in the cache, named by what they are made of. Each finds libtorch through a link beside it,
 * so that the same file serves everybody who has that version. Apart from build.ts, since a start that finds all done needs no more.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Libtorch } from './find.js';
import { cacheRoot, packageRoot } from './paths.js';

export const ADDON_FILE = 'twoview-torch.node';

/** As libtorch itself: some of its classes are larger without NDEBUG. */
export const FLAGS = ['-std=c++20', '-O3', '-DNDEBUG', '-fPIC', '-fvisibility=hidden'];

/** The link beside an addon to the libraries of its libtorch. */
export const LIBRARIES = 'lib';

/** What is compiled into one library. */
export interface Library {
  name: string;
  /** The folders whose *.cc are compiled. */
  sources: readonly string[];
  /** Folders with headers, beside those of libtorch and Node. */
  includes: readonly string[];
  links: readonly string[];
  /** The version that it is compiled for. */
  version: string;
}

/** The addon. */
export const addonLibrary = ({ version }: Libtorch): Library => ({
  name: ADDON_FILE,
  sources: ['', 'group', 'kernels'].map((folder) => join(nativeSources(), folder)),
  includes: [nativeSources(), join(nativeSources(), 'group/gloo-stub')],
  links: ['-ltorch_cpu', '-lc10'],
  version: version.split('+')[0]!, // a build with CUDA and one without offer the same on the CPU
});

/**
 * The CUDA half. The linker must not drop libtorch_cuda, of which no symbol is used: loading it is what registers the
 * operators of the GPU. cudart comes along with libc10_cuda.
 */
export const cudaLibrary = ({ version }: Libtorch): Library => ({
  name: 'twoview-torch-cuda.node',
  sources: [cudaSources()],
  includes: [],
  links: ['-Wl,--no-as-needed', '-ltorch_cuda', '-lc10_cuda', '-ltorch_cpu', '-lc10'],
  version,
});

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
export function placeOf(torch: Libtorch, { name, sources, links, version }: Library) {
  const units = sources.flatMap((folder) => filesIn(folder, '.cc'));
  const headers = filesIn(nativeSources(), '.h', true); // those of the addon serve the CUDA half as well
  const linking = linkFlags(links);
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, linking, version, process.platform, process.arch]));
  for (const path of [...headers, ...units]) hash.update(basename(path)).update(readFileSync(path));
  const key = hash.digest('hex').slice(0, 16);
  const where = createHash('sha256').update(torch.root).update(torch.version).digest('hex').slice(0, 8);
  const folder = join(cacheRoot(), 'addon', `${key}-${where}`);
  return { units, linking, key, folder, addon: join(folder, name) };
}

const filesIn = (folder: string, ending: string, recursive = false): string[] =>
  readdirSync(folder, { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));

function linkFlags(links: readonly string[]): string[] {
  const mac = process.platform === 'darwin';
  const here = mac ? '@loader_path' : '$ORIGIN';
  return [...links, `-Wl,-rpath,${here}/${LIBRARIES}`, ...(mac ? ['-undefined', 'dynamic_lookup'] : [])];
}
