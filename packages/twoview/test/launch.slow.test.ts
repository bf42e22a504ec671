/** @file `twoview launch` with real processes: what it learns, how it stops and goes on, and what becomes of it when one of them fails. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMetrics } from '../src/runs/run-folder.js';
import { bytesOf, linesOf, start, twoview, until } from './command-line.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const data = join(root, 'pictures');
const env = { TWOVIEW_DATA: join(root, 'cache'), TWOVIEW_REGISTRY: join(root, 'runs.jsonl') };
const IMAGES = 48;
const BATCH = 12;
const STEPS_PER_EPOCH = IMAGES / BATCH;

const pretrain = (out: string, epochs: number, ...more: string[]) => [
  ...['pretrain', '--data', data, '--out', join(root, out), '--epochs', String(epochs), '--batch-size', String(BATCH)],
  ...['--model', 'resnet10_narrow', '--stem', 'cifar-half', '--precision', 'float32', '--threads', '1'],
  ...['--held-out', '0', '--warmup-epochs', '0', ...more],
];
const launched = (processes: number, args: string[], timeout = 60) => [
  ...['launch', '--nproc', String(processes), '--timeout', String(timeout), '--', ...args],
];
const weights = (out: string) => join(root, out, 'checkpoints', 'last.safetensors');
const losses = (out: string) =>
  readMetrics(join(root, out)).flatMap(({ loss }) => (typeof loss === 'number' ? [loss] : []));

/** Process numbers of the workers, process 0 first. */
function workersOf({ pid }: ChildProcess): number[] {
  const list = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return list
    .trim()
    .split('\n')
    .map(Number)
    .sort((a, b) => a - b);
}

beforeAll(async () => {
  await classFolders(join(data, 'train'), ['a', 'b'], IMAGES / 2);
  await classFolders(join(data, 'test'), ['a', 'b'], 1);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

test('two processes learn what one learns, and one of them writes', () => {
  const one = twoview(pretrain('one', 1), env);
  const two = twoview(launched(2, pretrain('two', 1)), env);
  expect([one.status, two.status, two.stdout.match(/^pre-trained/gm)?.length]).toEqual([0, 0, 1]);
  expect(two.stderr).toContain('2 processes, 6 images of each batch on every one');
  expect(losses('two').length).toBe(STEPS_PER_EPOCH);
  // The first step's loss is of equal weights; later ones add float32's rounding up, see team.test.ts for float64.
  expect(Math.abs(losses('two')[0]! - losses('one')[0]!)).toBeLessThan(1e-5);
  expect(existsSync(join(root, 'two', 'summary.json'))).toBe(true);
}, 120_000);

describe('stopping and going on', () => {
  const EPOCHS = 30;
  test('Ctrl-C stops all at one step; going on ends with the bytes of a run that was not stopped', async () => {
    const whole = twoview(launched(2, pretrain('whole', EPOCHS)), env);
    expect(whole.status).toBe(0);
    const run = start(launched(2, pretrain('stopped', EPOCHS)), env);
    await until(() => linesOf(join(root, 'stopped')) > 4);
    run.kill('SIGINT');
    const { status, stderr } = await run.ended;
    expect([status, stderr.includes('STOPPED')]).toEqual([75, true]);
    cpSync(join(root, 'stopped'), join(root, 'others'), { recursive: true });
    expect(twoview(launched(2, pretrain('stopped', EPOCHS, '--resume')), env).status).toBe(0);
    expect(bytesOf(weights('stopped')).equals(bytesOf(weights('whole')))).toBe(true);
  }, 240_000);

  test('as another number of processes as well: three, or one, go on alike', () => {
    const steps = losses('others').length;
    for (const size of [1, 3]) {
      cpSync(join(root, 'others'), join(root, `others-${size}`), { recursive: true });
      const more = pretrain(`others-${size}`, EPOCHS, '--resume');
      expect(twoview(size === 1 ? more : launched(size, more), env).status).toBe(0);
      expect(losses(`others-${size}`).length).toBe(EPOCHS * STEPS_PER_EPOCH);
      expect(Math.abs(losses(`others-${size}`)[steps]! - losses('whole')[steps]!)).toBeLessThan(1e-4);
    }
  }, 240_000);
});

describe('when one process fails', () => {
  const FOREVER = 100_000;
  const failing = async (out: string, harm: (workers: number[]) => void, timeout = 60) => {
    const run = start(launched(2, pretrain(out, FOREVER, '--checkpoint-minutes', '0'), timeout), env);
    await until(() => linesOf(join(root, out)) > 4);
    const workers = workersOf(run);
    expect(workers.length).toBe(2);
    const begun = performance.now();
    harm(workers);
    const outcome = await run.ended;
    for (const worker of workers) expect(existsSync(`/proc/${worker}`)).toBe(false);
    return { ...outcome, seconds: (performance.now() - begun) / 1000 };
  };

  test.each([0, 1])(
    'process %d killed: all end, saying which, and the run can go on',
    async (rank) => {
      const out = `killed-${rank}`;
      const { status, stderr, seconds } = await failing(out, (workers) => process.kill(workers[rank]!, 'SIGKILL'));
      expect(status).toBe(1);
      expect(stderr).toContain(`process ${rank} was ended by SIGKILL`);
      expect(seconds).toBeLessThan(30);
      const done = readMetrics(join(root, out)).length;
      const config = readFileSync(join(root, out, 'config.yaml'), 'utf8');
      expect(config).toContain(`epochs: ${FOREVER}`);
      const again = start(launched(2, pretrain(out, FOREVER, '--resume')), env);
      await until(() => linesOf(join(root, out)) > done + 4);
      again.kill('SIGINT');
      const ended = await again.ended;
      expect(ended.status, ended.stderr).toBe(75);
    },
    240_000,
  );

  test.each([2, 3])(
    'the last of %d processes failed by itself: its own words are shown, though others end first and know only that it is gone',
    (processes) => {
      const last = processes - 1;
      const harm = join(root, `harm-${processes}.cjs`);
      // Its stderr stays open after it has ended, so that the end of the others is noticed first.
      writeFileSync(
        harm,
        `if (process.env.RANK === '${last}' && require('node:worker_threads').isMainThread) {
          process.on('exit', () => require('node:child_process').spawn('sleep', ['3'], { stdio: 'inherit', detached: true }));
          const trains = () => require('node:fs').existsSync(process.env.METRICS);
          setInterval(() => { if (trains()) throw new Error('a fault of its own'); }, 500);
        }`,
      );
      const out = `own-fault-${processes}`;
      const { status, stderr } = twoview(launched(processes, pretrain(out, FOREVER)), {
        ...env,
        METRICS: join(root, out, 'metrics.jsonl'),
        NODE_OPTIONS: `--require ${harm}`,
      });
      expect([
        status,
        /PROCESS_GROUP/.test(stderr),
        new RegExp(`process ${last} ended with 1\\n[\\s\\S]*a fault of its own`).test(stderr),
      ]).toEqual([1, true, true]);
    },
    120_000,
  );

  test('process 1 stalled: the other waits no longer than --timeout, and says so', async () => {
    const { status, stderr, seconds } = await failing('stalled', ([, second]) => process.kill(second!, 'SIGSTOP'), 5);
    expect([status, /PROCESS_GROUP/.test(stderr), /did not answer in time/.test(stderr)]).toEqual([1, true, true]);
    expect(seconds).toBeLessThan(60);
  }, 240_000);
});

test('what cannot be shared is refused before anything starts', () => {
  const finetune = twoview(['launch', '--nproc', '2', '--', 'finetune', '--data', data], env);
  expect([finetune.status, finetune.stderr.includes('CONFIG_INVALID')]).toEqual([2, true]);
  const uneven = twoview(launched(5, pretrain('uneven', 1)), env);
  expect([uneven.status, uneven.stderr.includes('--batch-size 10')]).toEqual([2, true]);
  const alone = twoview(['knn', '--data', data, '--weights', 'x'], {
    ...env,
    RANK: '0',
    WORLD_SIZE: '2',
    MASTER_ADDR: 'x',
  });
  expect([alone.status, alone.stderr.includes('cannot be shared by 2 processes')]).toEqual([2, true]);
}, 120_000);
