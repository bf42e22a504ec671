/** @file Systems on which libtorch cannot run, refused in one sentence before anything is downloaded or compiled. */
import { existsSync } from 'node:fs';
import { TorchError } from '../error.js';

export interface Platform {
  platform: string;
  arch: string;
  /** Whether the C library is musl. */
  musl: boolean;
}

/** What runs here. */
export function thisPlatform(): Platform {
  return { platform: process.platform, arch: process.arch, musl: process.platform === 'linux' && isMusl() };
}

/** The report is asked only where musl's loader lies: it takes milliseconds, and glibc's systems rarely have it. */
function isMusl(): boolean {
  const loader = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  if (!existsSync(`/lib/ld-musl-${loader}.so.1`)) return false;
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}

/** @throws TorchError ENGINE_PLATFORM */
export function requirePlatform({ platform, arch, musl }: Platform = thisPlatform()): void {
  const refuse = (what: string, next: string) => {
    throw new TorchError('ENGINE_PLATFORM', what, { where: `${platform} ${arch}`, next: [next] });
  };
  if (platform === 'win32') refuse('the addon is not built for Windows', 'use WSL 2, which is Linux x64 with glibc');
  if (arch !== 'x64' && arch !== 'arm64')
    refuse('libtorch is for 64-bit processors, x64 and arm64', 'use a 64-bit Node on such a machine');
  if (musl)
    refuse(
      'libtorch is built for glibc, and this system has musl',
      'use an image of Debian or Ubuntu, as node:24-slim',
    );
  if (platform !== 'linux' && platform !== 'darwin') refuse('libtorch is for Linux and macOS', 'use one of these');
  if (platform === 'darwin' && arch === 'x64')
    refuse('libtorch is no longer built for Macs with Intel processors', 'use one with Apple silicon, or Linux');
}
