/** @file What this machine offers, what was found, and what to do about what is missing. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { chooseCuda } from './cuda.js';
import { findCudaHeaders } from './cuda-headers.js';
import { findLibtorch, type Libtorch } from './find.js';
import { cacheRoot } from './paths.js';
import { addonPlace } from './place.js';
import { requirePlatform } from './platform.js';
import { prebuiltAddon } from './prebuilt.js';

export interface DoctorReport {
  node: string;
  platform: string;
  cpu: { model: string; cores: number; features: string[] };
  memoryBytes: number;
  python: string | null;
  pip: string | null;
  compiler: string | null;
  gpu: string | null;
  libtorch: Libtorch | null;
  /** The addon for it: a path, compiled or prebuilt; null where there is none yet. */
  addon: string | null;
  /** Whether a prebuilt addon fits, in words; null without libtorch. */
  prebuilt: string | null;
  /** Whether the CUDA half is used, and why not. */
  cuda: string | null;
  notes: string[];
  cache: { folder: string; freeBytes: number | null };
  /** What to do, most important first; empty when all is well. */
  todo: string[];
}

const FEATURES = ['avx2', 'avx512f', 'avx512_bf16', 'amx_bf16'];

export async function doctorReport(): Promise<DoctorReport> {
  const [python, pip, compiler, gpu] = await Promise.all([
    firstLine('python3', ['--version']),
    firstLine('python3', ['-m', 'pip', '--version']),
    firstLine(process.env.CXX ?? 'c++', ['--version']),
    firstLine('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']),
  ]);
  const search = await findLibtorch().catch((error: Error) => ({ found: null, notes: [error.message] }));
  const addon = search.found === null ? null : addonOf(search.found);
  const todo: string[] = [];
  if (compiler === null && (addon === null || addon.path === null))
    todo.push('install a C++ compiler: apt-get install g++, dnf install gcc-c++, or xcode-select --install');
  if (search.found === null) {
    if (python === null) todo.push('install python3 with pip: libtorch comes through it');
    todo.push('npx @twoview/torch install  fetches libtorch once into the cache, and makes the addon ready');
  } else if (gpu !== null) {
    todo.push(...chooseCuda(search.found).next.map((step) => `to use the GPU: ${step}`));
  }
  try {
    requirePlatform();
  } catch (error) {
    todo.unshift((error as Error).message);
  }
  if (addon !== null && addon.path === null)
    todo.push('npx @twoview/torch install  compiles the addon for it, a minute or two');
  const folder = cacheRoot();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), features: cpuFeatures() },
    memoryBytes: totalmem(),
    python,
    pip,
    compiler,
    gpu,
    libtorch: search.found,
    addon: addon?.path ?? null,
    prebuilt: addon?.prebuilt ?? null,
    cuda: search.found === null ? null : describeCuda(search.found),
    notes: search.notes,
    cache: { folder, freeBytes: existsSync(folder) ? statfsSync(folder).bavail * statfsSync(folder).bsize : null },
    todo,
  };
}

function addonOf(torch: Libtorch): { path: string | null; prebuilt: string } {
  const { addon, key } = addonPlace(torch);
  const { path, note } = prebuiltAddon(key);
  return { path: existsSync(addon) ? addon : path, prebuilt: note };
}

function describeCuda(torch: Libtorch): string {
  const { use, reason } = chooseCuda(torch);
  if (!use) return `not used: ${reason}`;
  const headers = findCudaHeaders(torch);
  return headers === null ? 'used; its headers are fetched at the first start' : `used; headers in ${headers[0]}`;
}

export function formatDoctor(report: DoctorReport): string {
  const rows: [string, string][] = [
    ['node', `${report.node} on ${report.platform}`],
    [
      'cpu',
      `${report.cpu.model}, ${report.cpu.cores} cores${report.cpu.features.length > 0 ? `, ${report.cpu.features.join(' ')}` : ''}`,
    ],
    ['memory', `${(report.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
    ['gpu', report.gpu ?? 'none that nvidia-smi knows'],
    ['python', report.python ?? 'not found'],
    ['pip', report.pip ?? 'not found'],
    ['compiler', report.compiler ?? 'not found'],
    [
      'libtorch',
      report.libtorch === null
        ? 'not found'
        : `${report.libtorch.version} from ${report.libtorch.source}, ${report.libtorch.root}`,
    ],
    ['addon', report.addon ?? 'not compiled yet'],
    ...(report.prebuilt === null ? [] : [['prebuilt', report.prebuilt] as [string, string]]),
    ...(report.cuda === null ? [] : [['cuda', report.cuda] as [string, string]]),
    [
      'cache',
      `${report.cache.folder}${report.cache.freeBytes === null ? ' (not made yet)' : `, ${(report.cache.freeBytes / 1e9).toFixed(0)} GB free`}`,
    ],
    ...report.notes.map((note): [string, string] => ['note', note]),
    ...(report.todo.length === 0
      ? [['to do', 'nothing: all is ready'] as [string, string]]
      : report.todo.map((item): [string, string] => ['to do', item])),
  ];
  return rows.map(([name, value]) => `${name.padEnd(10)} ${value}`).join('\n');
}

async function firstLine(command: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: 20_000 });
    return stdout.split('\n')[0]!.trim();
  } catch {
    return null;
  }
}

function cpuFeatures(): string[] {
  if (!existsSync('/proc/cpuinfo')) return [];
  const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(' ') ?? []);
  return FEATURES.filter((feature) => flags.has(feature));
}
