/** @file Whether the CUDA half is used here, and why not. Where there is no GPU it is neither compiled nor loaded. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Libtorch } from './find.js';

export interface CudaChoice {
  use: boolean;
  /** In words, for `doctor` and for the error of a program that asks for a GPU. */
  reason: string;
  /** What to do where a GPU goes unused. */
  next: string[];
}

/** How the driver shows itself: on Linux, and in the Linux of Windows. */
const DRIVER_FILES = ['/dev/nvidiactl', '/dev/dxg'];

/** Looks at files and the environment alone: asking CUDA itself would mean loading it. */
export function chooseCuda(
  torch: Pick<Libtorch, 'root' | 'source'>,
  env: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): CudaChoice {
  const no = (reason: string, next: string[] = []): CudaChoice => ({ use: false, reason, next });
  if (env.TWOVIEW_CUDA === 'off') return no('TWOVIEW_CUDA=off', ['unset TWOVIEW_CUDA  to use the GPU']);
  if (!DRIVER_FILES.some(exists)) {
    return no(`there is no NVIDIA GPU: neither of ${DRIVER_FILES.join(' and ')} exists`, ['--device cpu, or auto']);
  }
  const visible = env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && ['', '-1'].includes(visible.trim())) {
    return no(`CUDA_VISIBLE_DEVICES=${visible} hides every GPU`, ['unset CUDA_VISIBLE_DEVICES']);
  }
  if (!exists(join(torch.root, 'lib', 'libtorch_cuda.so'))) {
    return no(`there is a GPU, but the libtorch of ${torch.source} has no CUDA in it: ${torch.root}`, [
      'pip install torch==2.11.0  into the python3 on the PATH: that build has',
      'or name another one with TWOVIEW_LIBTORCH',
    ]);
  }
  return { use: true, reason: 'a GPU and a libtorch with CUDA', next: [] };
}

const COMPILERS = /^lib(nvrtc|nvrtc-builtins|nvJitLink)\.so\.[0-9.]+$/;

/**
 * The compilers of CUDA beside a torch that pip installed. cuDNN and libtorch open them by their bare names when they first need one, and
 * the system's loader does not look in the folders of wheels; torch/__init__.py therefore opens them beforehand, and so must we.
 */
export function cudaCompilers(root: string): string[] {
  const wheels = join(dirname(root), 'nvidia');
  const folders = ['cu13', 'nvjitlink', 'cuda_nvrtc'].map((name) => join(wheels, name, 'lib')).filter(existsSync);
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => COMPILERS.test(name))
      .map((name) => join(folder, name)),
  );
}
