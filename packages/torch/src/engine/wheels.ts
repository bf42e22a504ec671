/**
 * @file Which versions of libtorch there are here, and the wheels of each platform: exact versions, and pip checks the hashes. A Linux
 * wheel with CUDA wants cudart and cupti even on a machine without a GPU, and nothing more.
 */

/** The one that is fetched where there is no torch yet, and that a prebuilt addon is for. */
export const TORCH_VERSION = '2.11.0';
/** Minor versions that the addon compiles against; docs/compat.md says how they were tried. */
export const SUPPORTED_VERSIONS = /^2\.(9|10|11|15)\./;

interface Wheel {
  name: string;
  version: string;
  sha256: string;
  bytes: number;
}

export interface WheelSet {
  /** pip's names for the platform, newest first. */
  platforms: readonly string[];
  wheels: Wheel[];
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

const wheel = (name: string, version: string, sha256: string, bytes: number): Wheel => ({
  name,
  version,
  sha256,
  bytes,
});

const CUDA_12_8 = [
  wheel(
    'nvidia-cuda-runtime-cu12',
    '12.8.90',
    'adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90',
    954_765,
  ),
  wheel(
    'nvidia-cuda-cupti-cu12',
    '12.8.90',
    'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    10_248_621,
  ),
];
const CUDART_13_0 = wheel(
  'nvidia-cuda-runtime',
  '13.0.96',
  '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
  2_243_632,
);

/** By version of torch, then by platform. */
const PINNED: Record<string, Record<string, Wheel[]>> = {
  '2.9.1': {
    'linux-x64': [
      wheel('torch', '2.9.1', '27331cd902fb4322252657f3902adf1c4f6acad9dcad81d8df3ae14c7c4f07c4', 899_742_281),
      ...CUDA_12_8,
    ],
    'linux-arm64': [
      wheel('torch', '2.9.1', 'da5f6f4d7f4940a173e5572791af238cb0b9e21b1aab592bd8b26da4c99f1cd6', 104_126_592),
    ],
    'darwin-arm64': [
      wheel('torch', '2.9.1', 'c0d25d1d8e531b8343bea0ed811d5d528958f1dcbd37e7245bc686273177ad7e', 74_479_191),
    ],
  },
  '2.10.0': {
    'linux-x64': [
      wheel('torch', '2.10.0', '98c01b8bb5e3240426dcde1446eed6f40c778091c8544767ef1168fc663a05a6', 915_622_781),
      ...CUDA_12_8,
    ],
    'linux-arm64': [
      wheel('torch', '2.10.0', '5fd4117d89ffd47e3dcc71e71a22efac24828ad781c7e46aaaf56bf7f2796acf', 145_996_088),
    ],
    'darwin-arm64': [
      wheel('torch', '2.10.0', '13ec4add8c3faaed8d13e0574f5cd4a323c11655546f91fbe6afa77b57423574', 79_498_202),
    ],
  },
  '2.11.0': {
    'linux-x64': [
      wheel('torch', '2.11.0', '0f68f4ac6d95d12e896c3b7a912b5871619542ec54d3649cf48cc1edd4dd2756', 530_712_279),
      CUDART_13_0,
      wheel(
        'nvidia-cuda-cupti',
        '13.0.85',
        '4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8',
        10_715_597,
      ),
    ],
    'linux-arm64': [
      wheel('torch', '2.11.0', 'f99924682ef0aa6a4ab3b1b76f40dc6e273fca09f367d15a524266db100a723f', 419_731_115),
      wheel(
        'nvidia-cuda-runtime',
        '13.0.96',
        'ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55',
        2_261_060,
      ),
      wheel(
        'nvidia-cuda-cupti',
        '13.0.85',
        '796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151',
        10_310_827,
      ),
    ],
    'darwin-arm64': [
      wheel('torch', '2.11.0', '4b5866312ee6e52ea625cd211dcb97d6a2cdc1131a5f15cc0d87eec948f6dd34', 80_606_338),
    ],
  },
  '2.15.0': {
    'linux-x64': [
      wheel('torch', '2.15.0', '6d8c86f4e33a9f12a58149bd9b0d64351632b8eb44479be8ff85e5389932dd79', 539_172_785),
      wheel(
        'nvidia-cuda-runtime',
        '13.2.86',
        '3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0',
        2_323_576,
      ),
      wheel(
        'nvidia-cuda-cupti',
        '13.2.86',
        '8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586',
        11_988_600,
      ),
    ],
    'linux-arm64': [
      wheel('torch', '2.15.0', '9e51cf9460c5441dcd2a4f31ece207e35ea7c3d2535be0f929cca4944e2eeb18', 483_664_949),
      wheel(
        'nvidia-cuda-runtime',
        '13.2.86',
        '37844957894bfdecf90243568d21a2cb251b66106915b71459a23c8e6ef2da69',
        2_341_433,
      ),
      wheel(
        'nvidia-cuda-cupti',
        '13.2.86',
        'd9a5c133f73fcb9013f3ada0da6fb54d4117618d81f3f5a0419417ea6ee829d4',
        11_760_263,
      ),
    ],
    'darwin-arm64': [
      wheel('torch', '2.15.0', '593e5fd0c204284890d1c3dff643be34e549e1d24523e13402510f960d4da438', 138_558_517),
    ],
  },
};

/** Versions whose wheels are pinned, oldest first. */
export const PINNED_VERSIONS = Object.keys(PINNED);

/** The wheels for this machine, or null where none are pinned. */
export function wheelSet(platform = `${process.platform}-${process.arch}`, version = TORCH_VERSION): WheelSet | null {
  const wheels = PINNED[version]?.[platform];
  return wheels === undefined ? null : { platforms: PLATFORMS[platform]!, wheels };
}

/** Headers of the CUDA runtime, for the GPU's half of the addon where neither a toolkit nor the torch of python3 has them all. */
export const CUDA_HEADERS: WheelSet & { cudaMajor: number } = {
  cudaMajor: 13,
  platforms: PLATFORMS['linux-x64']!,
  wheels: [
    CUDART_13_0,
    wheel('nvidia-cuda-crt', '13.0.88', '2c8043c7c9e02492716426e9919fc78d2c5b3b2a7a768a88e952676b08aa55a4', 134_086),
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
