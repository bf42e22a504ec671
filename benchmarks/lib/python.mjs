/**
 * @file The Python that the peers run in: torch and torchvision of the versions below, in an environment of its own in the
 * cache, made once. `TWOVIEW_BENCH_PYTHON` names another interpreter that has them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot, withLock } from '../../packages/torch/dist/src/engine/index.js';

const TORCH = ['torch==2.11.0', 'torchvision==0.26.0'];
const PLAIN = ['numpy', 'pillow', 'filelock', 'typing-extensions', 'sympy', 'mpmath', 'networkx', 'jinja2'];
const PURE = [...PLAIN, 'MarkupSafe', 'fsspec', 'setuptools'];
/** What torch's Linux wheel asks for besides, on a machine without a GPU; stub_cuda.py stands in for the rest. */
const CUDA = ['nvidia-cuda-runtime==13.0.96', 'nvidia-cuda-cupti==13.0.85'];

const OPENCV = 'opencv-python-headless==5.0.0.93';

/** What the contenders of `npm run bench:peers` need besides. Without their own dependencies, which would bring torch's CUDA libraries. */
const CONTENDERS = [
  ...['lightly==1.6.0', 'kornia==0.9.0', 'timm==1.0.31', 'safetensors==0.8.0'],
  ...[
    'kornia-rs',
    'pytorch-lightning==2.6.6',
    'lightning-utilities',
    'torchmetrics',
    'lightly-utils',
    'hydra-core==1.3.8',
  ],
  ...[
    'omegaconf',
    'antlr4-python3-runtime==4.9.3',
    'PyYAML',
    'tqdm',
    'packaging',
    'huggingface-hub==0.34.4',
    'requests',
  ],
  ...['urllib3', 'certifi', 'idna', 'charset-normalizer'],
];

export const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));

/** @returns the path of an interpreter that has torch and torchvision */
export async function python() {
  const given = process.env.TWOVIEW_BENCH_PYTHON;
  if (given) return given;
  const folder = join(cacheRoot(), 'bench', 'python-torch-2.11.0');
  const interpreter = join(folder, 'bin', 'python');
  const done = join(folder, 'complete');
  const log = { line: (text) => console.error(text), progress() {} };
  await withLock(join(cacheRoot(), 'bench'), log, async () => {
    if (existsSync(done)) return;
    console.error(`bench  making a Python environment with ${TORCH.join(' and ')} in ${folder}`);
    rmSync(folder, { recursive: true, force: true });
    run('python3', ['-m', 'venv', folder]);
    const install = (...args) =>
      run(interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args]);
    const stubs = process.platform === 'linux' && process.arch === 'x64' && !existsSync('/proc/driver/nvidia/version');
    if (stubs) {
      install('--no-deps', ...TORCH, ...CUDA, ...PURE);
      run(interpreter, [join(PEERS, 'stub_cuda.py')]);
    } else install(...TORCH, ...PLAIN);
    writeFileSync(done, '');
  });
  return interpreter;
}

/** @returns the path of an interpreter that has the contenders as well */
export async function peersPython() {
  const interpreter = await python();
  const done = join(dirname(dirname(interpreter)), 'contenders-complete');
  if (process.env.TWOVIEW_BENCH_PYTHON || existsSync(done)) return interpreter;
  console.error(`bench  adding ${CONTENDERS.slice(0, 3).join(', ')} to it`);
  run(interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', ...CONTENDERS]);
  writeFileSync(done, '');
  return interpreter;
}

/** @returns the path of an interpreter that has OpenCV as well */
export async function photosPython() {
  const interpreter = await python();
  const has = () => spawnSync(interpreter, ['-c', 'import cv2'], { stdio: 'ignore' }).status === 0;
  if (process.env.TWOVIEW_BENCH_PYTHON || has()) return interpreter;
  console.error(`bench  adding ${OPENCV} to it`);
  run(interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', OPENCV]);
  return interpreter;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed${error ? `: ${error.message}` : ''}`);
}
