/** @file Where libtorch can run and where it is refused before anything is downloaded, and the checksums of what is. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { requirePlatform } from '../src/engine/platform.js';
import { CUDA_HEADERS, PINNED_VERSIONS, SUPPORTED_VERSIONS, TORCH_VERSION, wheelSet } from '../src/engine/wheels.js';

describe('systems that libtorch does not run on', () => {
  test.each([
    ['win32', 'x64', false, /not built for Windows/],
    ['linux', 'ia32', false, /64-bit/],
    ['linux', 'x64', true, /built for glibc, and this system has musl/],
    ['freebsd', 'x64', false, /for Linux and macOS/],
    ['darwin', 'x64', false, /Apple silicon/],
  ])('%s %s, musl %s', (platform, arch, musl, says) => {
    expect(() => requirePlatform({ platform, arch, musl })).toThrow(says);
    expect(() => requirePlatform({ platform, arch, musl })).toThrow(/code {3}ENGINE_PLATFORM/);
  });
  test('and those on which it does', () => {
    for (const [platform, arch] of [
      ['linux', 'x64'],
      ['linux', 'arm64'],
      ['darwin', 'arm64'],
    ] as const)
      requirePlatform({ platform, arch, musl: false });
  });
});

test.each([
  ['platform', 'win32', 'the addon is not built for Windows'],
  ['arch', 'ia32', 'libtorch is for 64-bit processors, x64 and arm64'],
])('with another %s, %s, install ends in one sentence, asks no python3 and writes nothing', (field, value, says) => {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-platform-'));
  writeFileSync(join(folder, 'python3'), `#!/bin/sh\ntouch ${join(folder, 'asked')}\n`);
  chmodSync(join(folder, 'python3'), 0o755);
  const pretend = `Object.defineProperty(process, '${field}', { value: '${value}' })`;
  const cli = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, cli, 'install'],
    {
      env: { ...process.env, PATH: folder, TWOVIEW_CACHE: join(folder, 'cache'), TWOVIEW_LIBTORCH: '' },
      encoding: 'utf8',
    },
  );
  expect([status, stderr.split('\n')[0]]).toEqual([1, says]);
  expect(readdirSync(folder)).toEqual(['python3']);
  rmSync(folder, { recursive: true });
});

test('every wheel of every version has a checksum, on every platform that is not refused', () => {
  expect(PINNED_VERSIONS).toContain(TORCH_VERSION);
  const sums = PINNED_VERSIONS.flatMap((version) =>
    ['linux-x64', 'linux-arm64', 'darwin-arm64'].map((platform) => {
      expect(version).toMatch(SUPPORTED_VERSIONS);
      const { wheels, platforms } = wheelSet(platform, version)!;
      expect(platforms.length).toBeGreaterThan(0);
      expect(wheels[0]).toMatchObject({ name: 'torch', version });
      for (const { sha256, bytes } of wheels)
        expect([sha256, bytes > 100_000]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), true]);
      return wheels[0]!.sha256;
    }),
  );
  expect(new Set(sums).size).toBe(sums.length);
  for (const { sha256 } of CUDA_HEADERS.wheels) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});
