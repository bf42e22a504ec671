/**
 * @file Both commands of the check of a GPU machine on a CPU: packed, carried to a folder of their own, and run there by a shell that
 * finds no Node. The same code runs on a GPU, where only the sizes differ.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import * as torch from '@twoview/torch';
import { ensureEngine, stderrLog } from '@twoview/torch/engine';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'twoview-gpu-check-'));
const [pack, work, bin] = ['pack', 'work', 'bin'].map((name) => join(folder, name)) as [string, string, string];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a GPU machine surely has, and nothing else: no node, no npm, no xz, no tar. */
const TOOLS = ['sh', 'python3', 'c++', 'id', 'dirname', 'mkdir', 'as', 'ld', 'uname', 'date'];
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const { root: libtorch } = await ensureEngine(stderrLog());
  mkdirSync(bin);
  for (const tool of TOOLS) {
    const found = (process.env.PATH ?? '')
      .split(delimiter)
      .map((path) => join(path, tool))
      .find((path) => existsSync(path) && basename(realpathSync(path)) !== 'ccache'); // it looks for a compiler on the PATH
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

const packing = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/gpu-check/pack.mjs'), '--preset', '1', ...args], {
    encoding: 'utf8',
  });

/** Runs a command of the pack. @returns what it printed, its exit status, and its JSON */
function check(mode: 'a' | 'b' | 'd', name: string, ...args: string[]) {
  const out = join(folder, name);
  const done = spawnSync(join(bin, 'sh'), [join(pack, 'run.sh'), mode, '--device', 'cpu', '--out', out, ...args], {
    env,
    cwd: folder,
    encoding: 'utf8',
  });
  return { out, status: done.status, said: done.stdout + done.stderr, json: report(out, mode) };
}
const report = (out: string, mode: string) => JSON.parse(readFileSync(join(out, `${mode}.json`), 'utf8'));

/** Runs A once more in what is unpacked already, after a line of one of its modules was changed. */
function checkChanged(module: string, line: string, changed: string) {
  const file = join(work, 'app/scripts/gpu-check', module);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(line);
  writeFileSync(file, text.replace(line, changed));
  const out = join(folder, 'changed');
  const script = join(work, 'app/scripts/gpu-check/check.mjs');
  const args = ['a', '--device', 'cpu', '--out', out, '--pack', pack, '--work', work];
  const caches = { TWOVIEW_CACHE: join(work, 'cache'), TWOVIEW_DATA: join(work, 'cache/data') };
  const { status } = spawnSync(join(work, 'node'), [script, ...args], { env: { ...env, ...caches } });
  writeFileSync(file, text);
  return { status, json: report(out, 'a') };
}

interface Line {
  piece: string;
  tensor: string;
  passed: boolean;
  error: number;
  tolerance: number;
}
const checksOf = (json: { checks: Record<string, boolean | null> }, value: boolean | null) =>
  Object.keys(json.checks).filter((name) => json.checks[name] === value);

/** An archive as the published ones of CIFAR in JPEG are: one folder, splits, classes. */
async function archive(): Promise<string> {
  const images = join(folder, 'colours');
  const counts = { train: 400, test: 60 };
  for (const [split, count] of Object.entries(counts)) {
    for (const [i, name] of ['blue', 'green', 'red'].entries()) {
      mkdirSync(join(images, split, name), { recursive: true });
      for (let n = 0; n < count; n++) {
        const background = { r: 40 + (n % 90), g: 60, b: 80, [['b', 'g', 'r'][i]!]: 160 + (n % 70) };
        const picture = sharp({ create: { width: 32, height: 32, channels: 3, background } }).jpeg();
        await picture.toFile(join(images, split, name, `${String(n).padStart(4, '0')}.jpg`));
      }
    }
  }
  const file = join(folder, 'colours.tar.gz');
  expect(spawnSync('tar', ['-czf', file, '-C', folder, 'colours']).status).toBe(0);
  return file;
}

test('the pack holds a Node, the program and an archive of images within 50 MiB', async () => {
  const made = packing('--out', pack, '--images', await archive());
  expect(made.stderr + made.stdout).toContain('run.sh a --out');
  expect(made.status).toBe(0);
  const files = ['README.md', 'app.tar.xz', 'images.tar.gz', 'node.xz', 'pixels.json', 'run.sh'];
  expect(readdirSync(pack).sort()).toEqual(files);
  const bytes = readdirSync(pack).reduce((sum, name) => sum + statSync(join(pack, name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(50 * 2 ** 20);
  expect(spawnSync(join(bin, 'sh'), ['-c', 'command -v node'], { env }).status).not.toBe(0);
});

test('A runs from the pack without Node: builds, decodes, compares, resumes, watches and measures, into one JSON', () => {
  const { status, said, json, out } = check('a', 'a');
  expect(said).toContain('PASSED');
  expect(status).toBe(0);
  expect(readdirSync(out).sort()).toEqual(['a.json', 'log.txt']);
  expect(json).toMatchObject({ format: 2, mode: 'a', dryRun: true, device: 'cpu', passed: true, failures: [] });
  expect(json.step.versions).toMatchObject({ node: process.version, torch: expect.stringMatching(/^2\./) });
  expect(json.machine.cores).toBeGreaterThan(0);
  const pieces = new Set(json.comparisons.map(({ piece }: Line) => piece));
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
    /float32/,
    /bfloat16/,
  ]) {
    expect([...pieces].some((piece) => word.test(piece as string))).toBe(true);
  }
  // Single precision is not double precision: an error of nothing at all would mean that nothing was compared.
  const convolution = json.comparisons.find(({ piece }: Line) => piece === 'convolution');
  expect(convolution.error).toBeGreaterThan(0);
  expect(convolution.error).toBeLessThanOrEqual(convolution.tolerance);
  expect(json.resume.killedAfter).toBeLessThan(20);
  expect(json.resume['whole and resumed']).toMatchObject({ checkpoint: true, metrics: true, steps: [20, 20] });
  expect(json.pixels).toMatchObject({ same: true, different: [] });
  expect(json['speed benchmark'].viewsPerSecond).toBeGreaterThan(0);
  expect(Object.keys(json.breakdown.waiting)).toContain('backward');
  expect(json.breakdown.operators.slowest[0].ms).toBeGreaterThan(0);
  expect(json.memory.samples.length).toBe(4);
  expect(json.peaks.product.bfloat16).toBeGreaterThan(0);
  expect(checksOf(json, false)).toEqual([]);
  expect(checksOf(json, null)).toEqual([]);
});

test('B trains, tests, and brings home a state that goes on in a later window', async () => {
  const { status, said, json, out } = check('b', 'b');
  expect(said).toContain('PASSED');
  expect(status).toBe(0);
  expect(readdirSync(out).sort()).toEqual(['b.json', 'log.txt', 'run.json', 'state-rest.0', 'state-upper.0']);
  expect(json.table.map(({ model }: { model: string }) => model)).toEqual(['resnet10_narrow', 'rexnet_150']);
  for (const line of json.table) expect(line.ofPeak).toBeGreaterThan(0);
  expect(json.training.config).toMatchObject({ temperature: 0.5, grayscale: 0.1, lr: 0.0075, heldOut: 0 });
  expect(json.training.result.epochs).toBe(json.training.planned.fits);
  for (const name of ['kNN few', 'kNN many', 'probe']) expect(json[name].metrics.count).toBe(180);
  expect(checksOf(json, false)).toEqual([]);

  // All halves give the weights themselves.
  const restored = join(folder, 'restored');
  const { status: put } = spawnSync(process.execPath, [join(root, 'scripts/gpu-check/state.mjs'), out, restored]);
  expect(put).toBe(0);
  const last = (run: string) => torch.safetensors.load(join(run, 'checkpoints/last.safetensors'));
  await torch.load();
  torch.scope(() => {
    const [was, is] = [last(join(work, 'runs/train')), last(restored)];
    expect(is.metadata).toEqual(was.metadata);
    for (const [name, tensor] of Object.entries(was.tensors)) {
      const rounded = name.startsWith('optimizer.') ? 2 ** -7 : 0;
      const largest = tensor.abs().max().item() as number;
      expect(tensor.sub(is.tensors[name]!).abs().max().item()).toBeLessThanOrEqual(rounded * largest);
    }
  });

  // The first half alone goes on as well.
  const state = join(folder, 'state');
  mkdirSync(state);
  for (const name of ['run.json', 'state-upper.0']) cpSync(join(out, name), join(state, name));
  const later = check('b', 'later', '--from', state);
  expect(later.status).toBe(0);
  expect(later.json.training.begunAt).toMatchObject({ sections: ['upper'], step: json.training.result.steps });
  expect(later.json.training.result.epochs).toBeGreaterThan(json.training.result.epochs);
});

test('D runs trainings of a file on held-out training images, one on the weights of another, and brings home what they left', () => {
  const small = { precision: 'float32', model: 'resnet10_narrow', stem: 'cifar-half', out: '@run', epochs: 1 };
  const data = '@validation';
  const jobs = [
    { name: 'broken', steps: [['pretrain', { ...small, data, temperature: -1 }]] },
    { name: 'tuned', after: 'simclr', steps: [['finetune', { ...small, data: '@data', init: '@run/simclr' }]] },
    {
      name: 'simclr',
      keep: true,
      steps: [
        ['pretrain', { ...small, data, batchSize: 64, heldOut: 0 }],
        ['knn', { data, weights: '@run', k: 10 }],
      ],
    },
  ];
  const file = join(folder, 'jobs.json');
  writeFileSync(file, JSON.stringify({ atOnce: 2, heldOut: 100, jobs }));
  const { status, json, out } = check('d', 'd', '--jobs', file);
  expect(status).toBe(1); // because of the broken one
  expect(readdirSync(out).sort()).toEqual(['d.json', 'log.txt', 'runs.tar.gz', 'simclr.tar.gz']);
  expect(json.failures).toEqual([
    expect.objectContaining({ part: 'broken', message: expect.stringContaining('temperature') }),
  ]);
  expect(json.jobs.broken).toBeNull();
  const [trained, tested] = json.jobs.simclr.steps;
  expect(trained).toMatchObject({ step: 'pretrain', steps: Math.floor(1100 / 64) });
  expect(tested.metrics.count).toBe(100);
  expect(json.jobs.tuned.steps[0]).toMatchObject({ step: 'finetune', labels: 1200, metrics: { count: 180 } });
  expect(json.parts.tuned.at).toBeGreaterThanOrEqual(json.parts.simclr.at + json.parts.simclr.seconds - 0.1);
  const names = (archive: string) => spawnSync('tar', ['-tzf', join(out, archive)], { encoding: 'utf8' }).stdout;
  expect(names('runs.tar.gz')).toMatch(/tuned\/summary\.json/);
  expect(names('runs.tar.gz')).not.toMatch(/checkpoints/);
  expect(names('simclr.tar.gz')).toMatch(/simclr\/checkpoints\/last\.safetensors/);
});

test('a number that is off by a thousandth fails its comparison, and the check', () => {
  const { status, json } = checkChanged(
    'layers.mjs',
    'const y = x.linear(weight, bias);',
    'const y = x.linear(weight, bias); if (place.dtype === "float32") y.detach().mul_(1.001);',
  );
  expect(status).toBe(1);
  expect(json.passed).toBe(false);
  expect(checksOf(json, false)).toEqual(['comparisons hold']);
  const failed = json.comparisons.filter(({ passed }: Line) => !passed);
  expect(failed.map(({ piece, tensor }: Line) => `${piece}: ${tensor}`)).toEqual(['linear: output']);
});

test('a piece that kills its process is written down with its signal, and the others are compared and run', () => {
  const { status, json } = checkChanged(
    'layers.mjs',
    'const y = x.linear(weight, bias);',
    'process.kill(process.pid, "SIGSEGV"); const y = x.linear(weight, bias);',
  );
  expect(status).toBe(1);
  expect(json.failures).toEqual([
    expect.objectContaining({ status: 'crashed', part: expect.stringMatching(/^compare/) }),
  ]);
  const [{ part }] = json.failures;
  expect(json.parts[part]).toMatchObject({ status: 'crashed', signal: 'SIGSEGV' });
  expect(json.parts[`${part}, try 2`]).toMatchObject({ status: 'ok' });
  const failed = json.comparisons.filter(({ passed }: Line) => !passed);
  expect(failed).toEqual([expect.objectContaining({ piece: 'linear', status: 'crashed' })]);
  const pieces = json.comparisons.map(({ piece }: Line) => piece);
  for (const piece of ['convolution', 'kNN', 'three steps of adamw']) expect(pieces).toContain(piece);
  expect(json['speed benchmark'].viewsPerSecond).toBeGreaterThan(0);
});

test('where the time is over, parts are skipped with the reason, and the JSON is whole', () => {
  // Less than any part asks for, so that it does not depend on the machine which of them still begin.
  const { status, json } = check('a', 'short', '--seconds', '1');
  expect(status).toBe(0);
  const skipped = Object.values(json.parts as Record<string, { status: string; why?: string }>).filter(
    (part) => part.status === 'skipped',
  );
  expect(skipped.length).toBeGreaterThan(3);
  expect(skipped[0]!.why).toMatch(/s were left/);
  expect(json.took).toBeLessThan(60); // unpacking alone may take ten
});

test('a GPU that is not there fails the check, in words, and still writes the JSON', () => {
  const { status, json } = check('a', 'gpu', '--device', 'cuda');
  expect(status).toBe(1);
  expect(json.parts.step).toMatchObject({ status: 'failed', error: expect.stringContaining('CUDA_UNAVAILABLE') });
  expect(json.parts['all that follows']).toMatchObject({ status: 'skipped', why: 'the device cannot be used' });
});
