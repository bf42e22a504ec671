/**
 * @file C, eight minutes: do we reach what PyTorch's own loop reaches on the same images? Its loop and ours train for the same number of
 * epochs, and one code tests both.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from './cli.mjs';
import { makeReady } from './ready.mjs';

const SCRIPT = join(import.meta.dirname, 'loop.py');
/** Seconds of our training, for each epoch of ResNet-18 at batch 512, with room, and of the tests. */
const OUR_EPOCH = 1.4;
const MOST_EPOCHS = 40; // as in loop.py
const TESTS = 45;

export async function planC(check) {
  const { runner, device, dryRun, sizes } = check;
  const { built, data } = await makeReady(check);
  if (!built || data === null)
    return runner.skip('all that follows', built ? 'there are no images' : 'the addon was not built');
  const limits = dryRun ? [sizes.train.limit, sizes.train.batchSize] : [];
  const ours = OUR_EPOCH * MOST_EPOCHS + TESTS;
  const file = join(runner.work, 'loop.json');
  const seconds = dryRun ? 60 : runner.left() - ours;
  await byPython('PyTorch', check, ['train', data, file, seconds, device, ...limits], { limit: seconds + 20 });
  runner.results.pytorchLoop = readJson(file);
  runner.write();
  const epochs = runner.results.pytorchLoop?.epochs ?? MOST_EPOCHS;
  const options = {
    ...{ device, work: runner.work, data, precision: 'bfloat16', cudnn: dryRun ? 'deterministic' : 'benchmark' },
    ...{ model: 'resnet18', sizes: sizes.train, seconds: Math.max(20, runner.left() - TESTS), slack: 10 },
    ...{ viewsPerSecond: 50_000, from: null, epochs },
  };
  await runner.part('training', 'train', 'train', options, { limit: options.seconds + 20 });
  const run = join(runner.work, 'runs', 'train');
  const tested = join(runner.work, 'tested.json');
  const checkpoint = join(run, 'checkpoints', 'last.safetensors');
  const testLimit = dryRun ? [sizes.train.limit] : [];
  await byPython('test of ours by PyTorch', check, ['test', data, tested, checkpoint, device, ...testLimit], {
    limit: 30,
  });
  runner.results.ours = readJson(tested);
  const flags = ['--data', data, '--weights', run, '--device', device, '--precision', 'float32', '--json'];
  const knn = ['--k', 10, '--no-weighted', ...flags];
  const { stdout } = await runner.run('test of ours by twoview', ...cli('knn', knn), { limit: 40 });
  const line = stdout?.trim().split('\n').at(-1) ?? '';
  if (line.startsWith('{')) runner.results['kNN few'] = JSON.parse(line);
}

function byPython(name, { runner, python }, args, limits) {
  return runner.run(name, python, [SCRIPT, ...args.map(String)], { env: { PYTHONUNBUFFERED: '1' }, ...limits });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Of the arm whose recipe is ours. Both see other draws, so they are not equal. */
const POINTS = 0.02;

/** @returns { name: passed } of all that C checks; null where it was not found out */
export function checksOfC({ pytorchLoop, ours, 'kNN few': few, dryRun }) {
  const theirs = pytorchLoop?.arms['the recipe of twoview']?.tests?.at(-1)?.knn;
  const known = theirs !== undefined && ours != null && !dryRun;
  return {
    'ours reaches what the same recipe reaches in PyTorch': known ? ours.knn > theirs - POINTS : null,
    'both tests of ours agree':
      ours != null && few && !dryRun ? Math.abs(ours.knn - few.metrics.accuracy) < 0.003 : null,
  };
}
