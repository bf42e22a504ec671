/** @file The CUDA half where it is not used: it is not loaded, and every door to it says so. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseCuda } from '../src/engine/cuda.js';
import { findCudaHeaders } from '../src/engine/cuda-headers.js';

const root = mkdtempSync(join(tmpdir(), 'twoview-cuda-'));
const saved = { ...process.env };
beforeAll(async () => {
  process.env.TWOVIEW_CUDA = 'off'; // so that a machine with a GPU gives the same results here
  await torch.load();
});
afterAll(() => {
  process.env = saved;
  rmSync(root, { recursive: true });
});

const libtorch = { root: '/torch', source: 'python3' } as const;
const here =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);
const GPU = ['/dev/nvidiactl', '/torch/lib/libtorch_cuda.so'];

test.each([
  ['there is a driver and a libtorch with CUDA', {}, GPU, true, 'a GPU and a libtorch with CUDA'],
  ['Windows shows its GPU to Linux', {}, ['/dev/dxg', GPU[1]!], true, 'a GPU and a libtorch with CUDA'],
  ['there is no driver', {}, [GPU[1]!], false, 'there is no NVIDIA GPU'],
  ['libtorch is built for the CPU', {}, [GPU[0]!], false, 'the libtorch of python3 has no CUDA in it: /torch'],
  ['TWOVIEW_CUDA says off', { TWOVIEW_CUDA: 'off' }, GPU, false, 'TWOVIEW_CUDA=off'],
  ['every GPU is hidden', { CUDA_VISIBLE_DEVICES: '' }, GPU, false, 'CUDA_VISIBLE_DEVICES= hides every GPU'],
  ['one GPU is visible', { CUDA_VISIBLE_DEVICES: '1' }, GPU, true, 'a GPU and a libtorch with CUDA'],
])('whether the CUDA half is used: %s', (_, env, files, use, reason) => {
  const choice = chooseCuda(libtorch, env, here(...files));
  expect(choice.use).toBe(use);
  expect(choice.reason).toContain(reason);
});

test('without a GPU there is none, and no library of CUDA is in this process', () => {
  expect(torch.cuda.isAvailable()).toBe(false);
  expect(torch.cuda.deviceCount()).toBe(0);
  expect(torch.buildInfo().cuda).toBe(false);
  if (existsSync('/proc/self/maps')) {
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toMatch(/libtorch_cuda|libc10_cuda|twoview-torch-cuda/);
  }
});

test.each(['deviceName', 'properties', 'memory', 'resetPeakMemory', 'emptyCache', 'synchronize', 'configure'] as const)(
  'without a GPU torch.cuda.%s is refused, with the reason and what to do',
  (name) => {
    const call = () => torch.cuda[name]();
    expect(call).toThrow(
      expect.objectContaining({
        code: 'CUDA_UNAVAILABLE',
        message: expect.stringMatching(/where {2}.*TWOVIEW_CUDA=off/),
      }),
    );
  },
);

const header = (folder: string, file: string, text = '') => {
  const path = join(root, folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};
const runtime = (version: number) => `#define CUDART_VERSION  ${version}\n`;

test('the headers beside torch are taken with what a toolkit adds to them, and other versions of CUDA are not', () => {
  process.env = { PATH: '', CUDA_HOME: join(root, 'toolkit'), TWOVIEW_CACHE: join(root, 'cache') };
  const found = (version = '2.11.0+cu130') => findCudaHeaders({ root: join(root, 'site', 'torch'), version });
  expect(found()).toBeNull();
  header('site/nvidia/cu13/include', 'cuda_runtime_api.h', runtime(13000));
  expect(found()).toBeNull(); // it includes crt/host_defines.h
  header('toolkit/include', 'crt/host_defines.h');
  header('toolkit/include', 'cuda_runtime_api.h', runtime(12080));
  expect(found()).toBeNull();
  header('toolkit/include', 'cuda_runtime_api.h', runtime(13010));
  expect(found()).toEqual([join(root, 'site/nvidia/cu13/include'), join(root, 'toolkit/include')]);
  expect(found('2.10.0+cu128')).toBeNull();
  expect(found('2.11.0+cpu')).toBeNull();
});
