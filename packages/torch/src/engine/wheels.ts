/** @file Which versions of libtorch there are here, and the wheels of each platform: exact versions, and pip checks the hashes. */
import { PINNED } from './pinned.js';

/** The one that is fetched where there is no torch yet, and that a prebuilt addon is for. */
export const TORCH_VERSION = '2.11.0';
/** Minor versions that the addon compiles against; docs/compat.md says how they were tried. */
export const SUPPORTED_VERSIONS = /^2\.(9|1[0-5])\./;

export interface WheelSet {
  /** pip's names for the platform, newest first. */
  platforms: readonly string[];
  wheels: { name: string; version: string; sha256: string; bytes: number }[];
}

const PLATFORMS: Record<string, readonly string[]> = {
  'linux-x64': ['manylinux_2_28_x86_64', 'manylinux_2_25_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  'linux-arm64': [
    'manylinux_2_28_aarch64',
    'manylinux_2_25_aarch64',
    'manylinux_2_17_aarch64',
    'manylinux2014_aarch64',
  ],
  'darwin-arm64': ['macosx_14_0_arm64', 'macosx_11_0_arm64'],
};

const ROWS = PINNED.trim()
  .split('\n')
  .map((line) => line.split(/ +/) as [string, string, string, string, string, string]);

/** Versions whose wheels are pinned, oldest first. */
export const PINNED_VERSIONS = [...new Set(ROWS.map(([torch]) => torch))];

/** The wheels for this machine, or null where none are pinned. */
export function wheelSet(platform = `${process.platform}-${process.arch}`, torch = TORCH_VERSION): WheelSet | null {
  const rows = ROWS.filter((row) => row[0] === torch && row[1] === platform);
  if (rows.length === 0) return null;
  const wheels = rows.map(([, , name, version, sha256, bytes]) => ({ name, version, sha256, bytes: Number(bytes) }));
  return { platforms: PLATFORMS[platform]!, wheels };
}

/** Headers of the CUDA runtime, for the GPU's half of the addon where neither a toolkit nor the torch of python3 has them all. */
export const CUDA_HEADERS: WheelSet & { cudaMajor: number } = {
  cudaMajor: 13,
  platforms: PLATFORMS['linux-x64']!,
  wheels: [
    {
      name: 'nvidia-cuda-runtime',
      version: '13.0.96',
      sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
      bytes: 2_243_632,
    },
    {
      name: 'nvidia-cuda-crt',
      version: '13.0.88',
      sha256: '2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4',
      bytes: 134_086,
    },
  ],
};

/** Unpacked alone: the libraries that the addon links, the headers, licences. The CUDA half needs a GPU's other wheels anyway. */
export function isWanted(path: string): boolean {
  if (/^torch\/lib\/[^/]+\.(so|dylib)/.test(path)) return !/cuda|nvrtc|nvshmem|python|libshm/.test(path);
  if (/^nvidia\/(cu13|cuda_runtime|cuda_cupti)\/lib\/lib(cudart|cupti)\.so/.test(path)) return true;
  return (
    /^torch\/include\//.test(path) ||
    path === 'torch/version.py' ||
    /dist-info\/(licenses\/|METADATA|LICENSE|NOTICE)/.test(path)
  );
}
