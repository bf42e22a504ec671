/**
 * @file The wheels that make up the engine where there is no torch yet: exact versions, and pip checks the hashes. The Linux
 * wheel of torch is a CUDA build that wants cudart and cupti even on a machine without a GPU, and nothing more.
 */
export const TORCH_VERSION = '2.11.0';
/** Minor versions that the addon compiles against. */
export const SUPPORTED_VERSIONS = /^2\.(9|10|11)\./;

export interface WheelSet {
  /** pip's names for the platform, newest first. */
  platforms: string[];
  wheels: { name: string; version: string; sha256: string; bytes: number }[];
}

const WHEEL_SETS: Record<string, WheelSet> = {
  'linux-x64': {
    platforms: ['manylinux_2_28_x86_64', 'manylinux_2_25_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
    wheels: [
      {
        name: 'torch',
        version: TORCH_VERSION,
        sha256: '0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756',
        bytes: 530_712_279,
      },
      {
        name: 'nvidia-cuda-runtime',
        version: '13.0.96',
        sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
        bytes: 2_243_632,
      },
      {
        name: 'nvidia-cuda-cupti',
        version: '13.0.85',
        sha256: '4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8',
        bytes: 10_715_597,
      },
    ],
  },
  'linux-arm64': {
    platforms: ['manylinux_2_28_aarch64', 'manylinux_2_25_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
    wheels: [
      {
        name: 'torch',
        version: TORCH_VERSION,
        sha256: 'f99924682ef0aa6a4ab3b1b76f40dc6e273fca09f367d15a524266db100a723f',
        bytes: 419_731_115,
      },
      {
        name: 'nvidia-cuda-runtime',
        version: '13.0.96',
        sha256: 'ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55',
        bytes: 2_261_060,
      },
      {
        name: 'nvidia-cuda-cupti',
        version: '13.0.85',
        sha256: '796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151',
        bytes: 10_310_827,
      },
    ],
  },
  'darwin-arm64': {
    platforms: ['macosx_14_0_arm64', 'macosx_11_0_arm64'],
    wheels: [
      {
        name: 'torch',
        version: TORCH_VERSION,
        sha256: '4b5866312ee6e52ea625cd211dcb97d6a2cdc1131a5f15cc0d87eec948f6dd34',
        bytes: 80_606_338,
      },
    ],
  },
};

/** The wheels for this machine, or null where none are pinned. */
export function wheelSet(platform = `${process.platform}-${process.arch}`): WheelSet | null {
  return WHEEL_SETS[platform] ?? null;
}

/** Headers of the CUDA runtime, for the GPU's half of the addon where neither a toolkit nor the torch of python3 has them all. */
export const CUDA_HEADERS: WheelSet & { cudaMajor: number } = {
  cudaMajor: 13,
  platforms: ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
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
  if (/^nvidia\/cu13\/lib\/lib(cudart|cupti)\.so/.test(path)) return true;
  return (
    /^torch\/include\//.test(path) ||
    path === 'torch/version.py' ||
    /dist-info\/(licenses\/|METADATA|LICENSE|NOTICE)/.test(path)
  );
}
