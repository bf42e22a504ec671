/**
 * @file SIGKILL at random moments, again and again, then --resume: the run ends with the same bytes as one that was never
 * cut. Real processes; the moments come from a seed. Once with a checkpoint after every step, so that kills hit its writing
 * as well, and once by time, so that much is done again.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, linesOf, start, twoview, until } from './command-line.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const env = { TWOVIEW_DATA: join(root, 'cache') };
const data = join(root, 'pictures');
const machine = ['--precision', 'float32', '--threads', '1'];
const common = ['--data', data, '--model', 'resnet10_narrow', ...machine, '--batch-size', '8'];
const TRAININGS = {
  // 4 steps an epoch (8 of 40 images are held out), 96 in all
  pretrain: ['pretrain', ...common, '--epochs', '24', '--held-out', '8', '--k', '3', '--knn-every', '2'],
  // 5 steps an epoch, 100 in all; Adam and the mean of weights, whose states count their steps
  finetune: [
    ...['finetune', ...common, '--epochs', '20', '--optimizer', 'adam'],
    ...['--average-weights', '0.9', '--mixup', '0.2', '--trainable', 'last-stage'],
  ],
};
const LINES = { pretrain: 96 + 24, finetune: 100 };

beforeAll(async () => {
  await classFolders(join(data, 'train'), ['a', 'b', 'c', 'd'], 10);
  await classFolders(join(data, 'test'), ['a', 'b', 'c', 'd'], 3);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

/** Mulberry32: numbers in [0, 1) from a seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts the command until it has been killed `kills` times, each at a random line and moment, then lets it end. */
async function killedOften(
  args: string[],
  run: string,
  { seed, kills, lines }: { seed: number; kills: number; lines: number },
) {
  const draw = random(seed);
  let hit = 0;
  for (let kill = 0; kill < kills; kill++) {
    const child = start([...args, '--out', run, '--resume'], env);
    let over = false;
    child.on('exit', () => {
      over = true;
    });
    const wanted = Math.floor(((kill + draw()) / kills) * lines * 0.9);
    await until(() => over || (existsSync(join(run, '.lock')) && linesOf(run) >= wanted));
    await sleep(draw() * 60);
    child.kill('SIGKILL');
    const { status } = await child.ended;
    if (status === null) hit++;
  }
  const { status, stderr } = twoview([...args, '--out', run, '--resume'], env);
  expect([status, stderr.includes('RUN_LOCKED')]).toEqual([0, false]);
  return hit;
}

const resultOf = (run: string) => JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).result;

describe.each(['pretrain', 'finetune'] as const)('%s', (name) => {
  const args = TRAININGS[name];
  const whole = join(root, name);

  test('run twice, it ends with the same bytes', () => {
    for (const run of [whole, `${whole}-again`]) expect(twoview([...args, '--out', run], env).status).toBe(0);
    expect(linesOf(whole)).toBe(LINES[name]);
    sameBytes(`${whole}-again`, whole);
  });

  test.each([
    ['after every step', '0', 1],
    ['about every half second', '0.008', 2],
  ])('killed at random moments, saving %s, and resumed, it ends with the same bytes', async (_, minutes, seed) => {
    const run = `${whole}-${seed}`;
    const hit = await killedOften([...args, '--checkpoint-minutes', minutes], run, {
      seed,
      kills: 5,
      lines: LINES[name],
    });
    expect(hit).toBeGreaterThanOrEqual(4); // it may have ended just before the last kill
    sameBytes(run, whole);
    const { seconds: _one, run: _two, ...rest } = resultOf(run);
    expect(resultOf(whole)).toMatchObject(rest);
    expect(readdirSync(run).filter((file) => /partial|^\.lock|^\.owner/.test(file))).toEqual([]);
  });
});

function sameBytes(run: string, whole: string): void {
  for (const name of ['checkpoints/last.safetensors', 'checkpoints/best.safetensors', 'metrics.jsonl']) {
    const file = join(whole, name);
    if (name.includes('best') && !existsSync(file)) continue; // fine-tunings have none
    expect(bytesOf(join(run, name)).equals(bytesOf(file)), `${name} of ${run}`).toBe(true);
  }
}

describe('compare', () => {
  const grid = [
    '--models',
    'resnet10_narrow',
    '--arms',
    'supervised,semi-supervised',
    '--fractions',
    '0.5,1',
    '--seeds',
    '1',
  ];
  const recipes = [
    ...['--pretrain.epochs', '6', '--pretrain.batch-size', '8', '--pretrain.k', '3', '--pretrain.knn-every', '2'],
    ...['--finetune.epochs', '8', '--finetune.batch-size', '8', '--checkpoint-minutes', '0.005'],
  ];
  const args = ['compare', '--data', data, ...machine, ...grid, ...recipes];
  /** In the order in which they run. */
  const runs = [
    'pretrain/resnet10_narrow/seed0',
    ...[50, 100].flatMap((percent) =>
      ['supervised', 'semi-supervised'].map((arm) => `cells/resnet10_narrow/${arm}/${percent}pct/seed0`),
    ),
  ];

  test('killed at random moments and resumed, it ends with the same bytes in every run and the same table', async () => {
    const whole = join(root, 'compare');
    expect(twoview([...args, '--out', whole], env).status).toBe(0);
    const cut = join(root, 'compare-cut');
    const draw = random(3);
    for (const run of runs.slice(0, 4)) {
      const child = start([...args, '--out', cut, '--resume'], env);
      const wanted = Math.floor(linesOf(join(whole, run)) * draw() * 0.8);
      await until(() => existsSync(join(cut, run, '.lock')) && linesOf(join(cut, run)) >= wanted);
      await sleep(draw() * 30);
      child.kill('SIGKILL');
      expect((await child.ended).status).toBeNull();
    }
    const last = twoview([...args, '--out', cut, '--resume'], env);
    expect(last.stderr).toMatch(/of them are done/);
    expect(last.status).toBe(0);
    for (const run of runs) sameBytes(join(cut, run), join(whole, run));
    const table = (run: string) => JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).table;
    expect(table(cut)).toEqual(table(whole));
  });
});
