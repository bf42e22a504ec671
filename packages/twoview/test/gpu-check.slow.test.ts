/**
 * @file The check of a GPU machine, rehearsed on the CPU: packed, carried to a folder of its own, and run there by a shell that
 * finds no Node. The same code runs on a GPU, where only the sizes differ.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureEngine, stderrLog } from '@twoview/torch/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'twoview-gpu-check-'));
const [pack, work, bin] = ['pack', 'work', 'bin'].map((name) => join(folder, name)) as [string, string, string];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a GPU machine surely has, and nothing else: no node, no npm, no xz, no tar. */
const TOOLS = ['sh', 'python3', 'c++', 'id', 'dirname', 'mkdir', 'as', 'ld', 'uname'];
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const { root: libtorch } = await ensureEngine(stderrLog());
  mkdirSync(bin);
  for (const tool of TOOLS) {
    const found = (process.env.PATH ?? '')
      .split(delimiter)
      .map((path) => join(path, tool))
      .find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(bin, tool));
  }
  env = { PATH: bin, HOME: folder, TMPDIR: folder, WORK: work, TWOVIEW_LIBTORCH: libtorch, TWOVIEW_CUDA: 'off' };
  if (process.env.PYENV_ROOT !== undefined || existsSync(join(process.env.HOME ?? '/', '.pyenv'))) {
    // A shim of pyenv wants its own tools; the interpreter behind it does not.
    rmSync(join(bin, 'python3'));
    const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(bin, 'python3'));
  }
});

const check = (...args: string[]) =>
  spawnSync(join(bin, 'sh'), [join(pack, 'run.sh'), '--device', 'cpu', '--out', join(folder, 'check.json'), ...args], {
    env,
    cwd: folder,
    encoding: 'utf8',
  });
const report = () => JSON.parse(readFileSync(join(folder, 'check.json'), 'utf8'));

test('the pack holds a Node, the program and images within 64 MiB', () => {
  const made = spawnSync(
    process.execPath,
    [join(root, 'scripts/gpu-check/pack.mjs'), '--out', pack, '--data', 'shapes', '--preset', '1'],
    { encoding: 'utf8' },
  );
  expect(made.stderr + made.stdout).toContain('./run.sh');
  expect(made.status).toBe(0);
  expect(readdirSync(pack).sort()).toEqual(['README.md', 'app.tar.xz', 'data.safetensors', 'node.xz', 'run.sh']);
  const bytes = readdirSync(pack).reduce((sum, name) => sum + statSync(join(pack, name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(64 * 2 ** 20);
  expect(spawnSync(join(bin, 'sh'), ['-c', 'command -v node'], { env }).status).not.toBe(0);
});

test('the whole check runs from the pack without Node: builds, compares, measures, trains, and says so in one JSON', () => {
  const done = check('--minutes', '0.1');
  expect(done.stdout + done.stderr).toContain('PASSED');
  expect(done.status).toBe(0);
  const json = report();
  expect(json).toMatchObject({ format: 1, rehearsal: true, device: 'cpu', passed: true, failures: [] });
  expect(json.versions).toMatchObject({ node: process.version, torch: expect.stringMatching(/^2\./) });
  expect(json.machine.cpu.cores).toBeGreaterThan(0);
  const pieces = new Set(json.comparisons.map((line: { piece: string }) => line.piece));
  for (const word of [
    /convolution/,
    /batch norm/,
    /linear/,
    /views/,
    /NT-Xent/,
    /kNN/,
    /sgd/,
    /lars/,
    /adam$/,
    /adamw/,
    /bfloat16/,
  ]) {
    expect([...pieces].some((piece) => word.test(piece as string))).toBe(true);
  }
  // Single precision is not double precision: an error of nothing at all would mean that nothing was compared.
  const convolution = json.comparisons.find((line: { piece: string }) => line.piece === 'convolution');
  expect(convolution.error).toBeGreaterThan(0);
  expect(convolution.error).toBeLessThanOrEqual(convolution.tolerance);
  expect(json.speed.map((line: { precision: string }) => line.precision)).toEqual(['float32', 'bfloat16']);
  for (const line of json.speed) expect(line.viewsPerSecond).toBeGreaterThan(0);
  expect(json.networks.length).toBe(1);
  expect(json.networks[0].viewsPerSecond).toBeGreaterThan(0);
  expect(json.networks[0].ofPeak).toBeGreaterThan(0);
  expect(Array.isArray(json.peers) || /cannot import torch/.test(json.peers.skipped)).toBe(true);
  expect(json.training.pretrained.epochs).toBeGreaterThanOrEqual(1);
  expect(Number.isFinite(json.training.pretrained.loss)).toBe(true);
  expect(json.knn).toMatchObject({ bank: 8000, queries: 2000 });
  expect(json.knn.accuracy).toBeGreaterThan(0);
  expect(json.peakMemory.process).toBeGreaterThan(1e8);
});

test('a number that is off by a thousandth fails its comparison, and the check', () => {
  const layers = join(work, 'app/scripts/gpu-check/layers.mjs');
  const text = readFileSync(layers, 'utf8');
  const broken = text.replace(
    'const y = x.linear(weight, bias);',
    '$& if (place.dtype === "float32") y.detach().mul_(1.001);',
  );
  expect(broken).not.toBe(text);
  writeFileSync(layers, broken);
  const out = join(folder, 'broken.json');
  const args = [
    '--device',
    'cpu',
    '--minutes',
    '0',
    '--data',
    join(pack, 'data.safetensors'),
    '--work',
    work,
    '--out',
    out,
  ];
  const done = spawnSync(join(work, 'node'), [join(work, 'app/scripts/gpu-check/check.mjs'), ...args], {
    env: { ...env, TWOVIEW_CACHE: join(work, 'cache') },
    encoding: 'utf8',
  });
  expect(done.status).toBe(1);
  const { passed, comparisons } = JSON.parse(readFileSync(out, 'utf8'));
  expect(passed).toBe(false);
  const failed = comparisons.filter((line: { passed: boolean }) => !line.passed);
  expect(failed.map((line: { piece: string; tensor: string }) => `${line.piece}: ${line.tensor}`)).toEqual([
    'linear: output',
  ]);
});

test('a GPU that is not there fails the check, in words, and still writes the JSON', () => {
  const done = check('--device', 'cuda');
  expect(done.status).toBe(1);
  expect(report().failures).toEqual([
    expect.objectContaining({ part: 'gpu', message: expect.stringContaining('CUDA_UNAVAILABLE') }),
  ]);
});
