#!/usr/bin/env node
/**
 * @file Puts all that a GPU machine without network and Node needs into one folder of at most 50 MiB: this very Node, the
 * compiled packages, the sources of the addon, the headers of CUDA, and images. Build first (npx tsc -b).
 *
 *   node scripts/gpu-check/pack.mjs --out FOLDER --images FILE.tar.gz | --data SOURCE [--mebibytes 50] [--preset 9]
 *
 * --images takes an archive of one folder with train/CLASS/*.jpg and test/CLASS/*.jpg in it, whole; --data takes whatever pretrain
 * takes, and as many of its images as there is room for. --preset is xz's: 9 packs best, 1 fastest.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installCudaHeaders } from '../../packages/torch/dist/src/engine/cuda-headers.js';
import { stderrLog } from '../../packages/torch/dist/src/engine/log.js';
import { CLI_FILES } from './cli.mjs';
import { closure } from './closure.mjs';
import { packArchive, packSource } from './images.mjs';
import { torch } from './parts.mjs';

const root = resolve(import.meta.dirname, '../..');
const { values: flags } = parseArgs({
  options: {
    out: { type: 'string' },
    images: { type: 'string' },
    data: { type: 'string' },
    preset: { type: 'string', default: '9' },
    mebibytes: { type: 'string', default: '50' },
  },
});
if (flags.out === undefined) throw new Error('--out is missing: the folder to make');
if ((flags.images === undefined) === (flags.data === undefined)) throw new Error('give either --images or --data');
const out = resolve(flags.out);
if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty`);
const limit = Number(flags.mebibytes) * 2 ** 20;
mkdirSync(out, { recursive: true });
await torch.load();

const staging = mkdtempSync(join(tmpdir(), 'twoview-pack-'));
try {
  const app = join(staging, 'app');
  const scripts = readdirSync(import.meta.dirname)
    .filter((name) => /\.(mjs|py)$/.test(name) && !['pack.mjs', 'closure.mjs', 'images.mjs'].includes(name))
    .map((name) => join('scripts/gpu-check', name));
  const entries = [...scripts.filter((name) => name.endsWith('.mjs')), ...CLI_FILES];
  const files = closure(
    root,
    [...entries, 'packages/twoview/dist/src/data/pictures/decode-worker.js'],
    // The last four are imported on demand.
    ['node-addon-api', 'node-api-headers', 'umap-js', 'sharp', '@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64'],
  );
  const native = readdirSync(join(root, 'packages/torch/native'), { recursive: true })
    .filter((name) => /\.(cc|h)$/.test(name))
    .map((name) => join('packages/torch/native', name));
  const manifests = ['packages/torch/package.json', 'packages/twoview/package.json', 'package.json', 'LICENSE'];
  for (const file of new Set([...files, ...native, ...manifests, ...scripts])) {
    mkdirSync(dirname(join(app, file)), { recursive: true });
    cpSync(join(root, file), join(app, file));
  }
  mkdirSync(join(app, 'node_modules/@twoview'), { recursive: true });
  symlinkSync('../../packages/torch', join(app, 'node_modules/@twoview/torch'));

  let headers = 'CUDA headers of the pack';
  try {
    await installCudaHeaders(join(staging, 'headers'), stderrLog());
    renameSync(join(staging, 'headers/nvidia/cu13'), join(staging, 'cuda')); // run.sh names it with CUDA_HOME
    for (const name of readdirSync(join(staging, 'headers')).filter((name) => name.endsWith('.dist-info')))
      renameSync(join(staging, 'headers', name), join(staging, 'cuda', name)); // their licences
  } catch (error) {
    headers = 'no CUDA headers in the pack: the GPU machine needs a toolkit of CUDA 13';
    console.error(`WARNING: ${headers}\n${error.message}`);
  }
  const commit = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' }).stdout?.trim();
  const packed = { packedOn: new Date().toISOString(), commit: commit || 'unknown', headers };
  writeFileSync(join(app, 'scripts/gpu-check/packed.json'), JSON.stringify(packed));

  const parts = ['app', 'cuda'].filter((name) => existsSync(join(staging, name)));
  run('tar', ['-C', staging, '-cf', join(staging, 'app.tar'), '--owner=0', '--group=0', ...parts]);
  compress(join(staging, 'app.tar'), join(out, 'app.tar.xz'));
  const node = join(staging, 'node');
  const stripped = spawnSync('strip', ['-o', node, process.execPath]);
  compress(stripped.status === 0 ? node : process.execPath, join(out, 'node.xz'));
  cpSync(join(import.meta.dirname, 'run.sh'), join(out, 'run.sh'));
  cpSync(join(root, 'docs/gpu.md'), join(out, 'README.md'));

  const took =
    flags.images === undefined
      ? await packSource(flags.data, join(out, 'data.safetensors'), limit - sizeOf(out))
      : await packArchive(resolve(flags.images), out);
  console.log(took);
  const total = sizeOf(out);
  if (total > limit) throw new Error(`the pack has ${total} bytes, more than ${limit}`);
  const inMiB = (bytes) => `${(bytes / 2 ** 20).toFixed(1).padStart(6)} MiB`;
  for (const name of readdirSync(out)) console.log(`${inMiB(statSync(join(out, name)).size)}  ${name}`);
  console.log(`${inMiB(total)}  in ${out}; on the GPU machine: sh run.sh a --out FOLDER`);
} finally {
  rmSync(staging, { recursive: true });
}

function sizeOf(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** With Python's lzma, which the engine's set-up needs anyway: not every machine has xz. */
function compress(from, to) {
  const script = `import lzma, shutil, sys
with open(sys.argv[1], "rb") as a, lzma.open(sys.argv[2], "wb", preset=int(sys.argv[3])) as b: shutil.copyfileobj(a, b, 1 << 20)`;
  run('python3', ['-c', script, from, to, flags.preset]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? `status ${status}`}`);
}
