/** @file pip as a downloader: hashes checked, nothing installed into the user's Python. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TorchError } from '../error.js';
import { megabytes, type SetupLog } from './log.js';
import { sizeOf } from './size-of.js';
import type { WheelSet } from './wheels.js';

export async function hasPip(): Promise<boolean> {
  try {
    await promisify(execFile)('python3', ['-m', 'pip', '--version'], { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** @returns the paths of the wheels, all in `folder` @throws TorchError ENGINE_CHECKSUM, ENGINE_DOWNLOAD */
export async function pipDownload(set: WheelSet, folder: string, log: SetupLog, what = 'libtorch'): Promise<string[]> {
  const wheels = join(folder, 'wheels');
  const temporary = join(folder, 'tmp');
  mkdirSync(wheels, { recursive: true });
  mkdirSync(temporary, { recursive: true });
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, set.wheels.map((w) => `${w.name}==${w.version} --hash=sha256:${w.sha256}\n`).join(''));
  const total = set.wheels.reduce((sum, wheel) => sum + wheel.bytes, 0);
  // Old versions of pip cannot report progress to a program; the size of what they write can be watched with all.
  const watch = setInterval(() => {
    const done = Math.min(total, sizeOf(folder));
    log.progress(`downloading ${what}  ${megabytes(done)} of ${megabytes(total)}`, done, total);
  }, 250);
  try {
    await run(
      [
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--require-hashes',
        '--no-cache-dir',
        '--disable-pip-version-check',
        '--progress-bar=off',
        '--implementation=cp',
        '--python-version=3.12',
        '--abi=cp312',
        '--abi=none',
        ...set.platforms.map((name) => `--platform=${name}`),
        `--dest=${wheels}`,
        `--requirement=${requirements}`,
      ],
      temporary,
    );
  } finally {
    clearInterval(watch);
  }
  return readdirSync(wheels).map((name) => join(wheels, name));
}

function run(args: string[], temporary: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const pip = spawn('python3', ['-m', 'pip', ...args], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    pip.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    pip.on('error', reject);
    pip.on('close', (code) => (code === 0 ? resolve() : reject(explain(errors))));
  });
}

function explain(errors: string): TorchError {
  const said = errors
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-6)
    .join('\n         ');
  if (/HASHES? (DO|DOES)?.*MATCH|hash/i.test(errors) && /expected/i.test(errors)) {
    return new TorchError(
      'ENGINE_CHECKSUM',
      'a downloaded part of libtorch has another checksum than the pinned one; nothing of it was used',
      {
        where: said,
        next: ['try again; if it stays so, the package index serves another file: check pip config list'],
      },
    );
  }
  return new TorchError('ENGINE_DOWNLOAD', 'libtorch could not be downloaded by pip', {
    where: said,
    next: [
      'check the network and try again',
      'offline: install torch 2.11 into python3, or set TWOVIEW_LIBTORCH to a folder with libtorch',
    ],
  });
}
