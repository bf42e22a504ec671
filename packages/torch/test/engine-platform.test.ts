/** @file Where libtorch can run, and where it is refused before anything is downloaded. */
import { describe, expect, test } from 'vitest';
import { requirePlatform } from '../src/engine/platform.js';

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
