/** @file The CUDA half compiles on a machine without CUDA, against the very headers that a GPU machine would be given. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compileFlags } from '../src/engine/build.js';
import { installCudaHeaders } from '../src/engine/cuda-headers.js';
import { findLibtorch } from '../src/engine/find.js';
import { ensureEngine, stderrLog } from '../src/engine/index.js';
import { cudaSources } from '../src/engine/place.js';

const folder = mkdtempSync(join(tmpdir(), 'twoview-cuda-headers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Nobody but pip knows which index it asks. */
const indexAnswers = () =>
  spawnSync('python3', [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--dest',
    join(folder, 'probe'),
    'nvidia-cuda-crt==13.0.88',
  ]).status === 0;

test('the CUDA half compiles against the pinned headers, and asks c10_cuda and cudart for what it uses', async (context) => {
  await ensureEngine(stderrLog());
  const torch = (await findLibtorch()).found!;
  expect(existsSync(join(torch.root, 'include', 'c10', 'cuda', 'CUDACachingAllocator.h'))).toBe(true);
  if (!indexAnswers()) {
    console.error(
      'NOT TESTED: that the CUDA half compiles. pip reaches no package index, and its headers come from there.',
    );
    context.skip('pip reaches no package index');
  }
  const headers = join(folder, 'headers');
  await installCudaHeaders(headers, stderrLog());
  const include = join(headers, 'nvidia', 'cu13', 'include');
  const units = readdirSync(cudaSources()).filter((name) => name.endsWith('.cc'));
  expect(units).not.toHaveLength(0);
  let symbols = '';
  for (const unit of units) {
    const object = join(folder, `${unit}.o`);
    const flags = [...compileFlags(torch.root, [include]), '-Wall', '-Werror=return-type'];
    execFileSync(process.env.CXX ?? 'c++', [...flags, '-c', join(cudaSources(), unit), '-o', object], {
      stdio: 'pipe',
    });
    symbols += execFileSync('nm', ['-uC', object], { encoding: 'utf8' });
  }
  expect(symbols).toContain('c10::cuda::CUDACachingAllocator::allocator');
  expect(symbols).toContain('cudaGetDeviceProperties');
  // By name, so that neither NVRTC nor a driver need be there when the library is loaded.
  expect(symbols).not.toMatch(/ nvrtc| cuLaunchKernel| cuModule/);
});
