/** @file Real processes that are stopped, killed, started twice, or run out of disk: each says so, and none loses what was done. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bytesOf, linesOf, start, twoview, until } from './command-line.js';
import { classFolders, temporaryFolder } from './pictures.js';

vi.setConfig({ testTimeout: 120_000 }); // whole processes, on a machine that may be busy

const root = temporaryFolder();
const env = { TWOVIEW_DATA: join(root, 'cache') };
const data = join(root, 'pictures');
const settings = ['--model', 'resnet10_narrow', '--precision', 'float32', '--threads', '1', '--batch-size', '8'];
/** 3 steps an epoch; too long to end by itself before a test stops it. */
const long = ['pretrain', '--data', data, ...settings, '--epochs', '400', '--held-out', '0', '--knn-every', '400'];
/** 90 steps. */
const short = ['pretrain', '--data', data, ...settings, '--epochs', '30', '--held-out', '4', '--k', '3'];

beforeAll(() => torch.load());
beforeAll(() => classFolders(join(data, 'train'), ['a', 'b', 'c'], 10), 120_000);
afterAll(() => rmSync(root, { recursive: true }));

const lastOf = (run: string) => join(run, 'checkpoints', 'last.safetensors');

describe('one run, stopped in many ways', () => {
  const run = join(root, 'run');

  test('Ctrl-C stops at a checkpoint: exit 75, and the message says how to go on', async () => {
    const child = start([...long, '--out', run], env);
    await until(() => linesOf(run) > 3);
    const second = twoview([...long, '--out', run, '--resume'], env);
    expect([second.status, second.stderr.includes('RUN_LOCKED')]).toEqual([2, true]);
    expect(second.stderr).toContain(`process ${child.pid}`);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await child.ended;
    expect([status, stdout]).toEqual([75, '']);
    expect(stderr).toMatch(/stopped at step \d+ of 1200; a checkpoint was written[\s\S]*--resume[\s\S]*STOPPED/);
    expect(existsSync(lastOf(run))).toBe(true);
    expect(readdirSync(run)).not.toContain('.lock');
  });

  test('SIGTERM, as a scheduler sends it, does the same; the run goes on where it was', async () => {
    const before = linesOf(run);
    const child = start([...long, '--out', run, '--resume'], env);
    await until(() => linesOf(run) > before + 3);
    child.kill('SIGTERM');
    expect((await child.ended).status).toBe(75);
    expect(linesOf(run)).toBeGreaterThan(before + 3);
  });

  test('a second signal ends it at once: exit 130, and the last checkpoint is whole', async () => {
    const before = linesOf(run);
    const stepOf = () => torch.scope(() => Number(torch.safetensors.load(lastOf(run)).metadata.step)); // fails if it is torn
    const saved = stepOf();
    const child = start([...long, '--out', run, '--resume'], env);
    await until(() => linesOf(run) > before + 3);
    for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) child.kill(signal); // both wait for it
    expect((await child.ended).status).toBe(130);
    // The kernel may hand the two over one after the other, with time for the first one's checkpoint between them.
    expect(stepOf()).toBeGreaterThanOrEqual(saved);
    expect(readdirSync(join(run, 'checkpoints')).filter((name) => name.endsWith('last.safetensors'))).toHaveLength(1);
  });

  test('SIGKILL leaves a lock; --resume takes it over at once', async () => {
    const child = start([...long, '--out', run, '--resume'], env);
    await until(() => existsSync(join(run, '.lock')) && linesOf(run) > 3);
    child.kill('SIGKILL');
    await child.ended;
    expect(existsSync(join(run, '.lock'))).toBe(true);
    const again = start([...long, '--out', run, '--resume'], env);
    const lines = linesOf(run);
    await until(() => linesOf(run) > lines + 3);
    again.kill('SIGINT');
    expect((await again.ended).status).toBe(75);
  });
});

describe('a disk without room', () => {
  test('is DISK_FULL, exit 1; the checkpoint stays, and the run ends with the same bytes once there is room', async () => {
    const whole = join(root, 'whole');
    const cut = join(root, 'cut');
    expect(twoview([...short, '--out', whole], env).status).toBe(0);
    const child = start([...short, '--out', cut], env);
    await until(() => linesOf(cut) > 20);
    child.kill('SIGINT');
    expect((await child.ended).status).toBe(75);
    const saved = bytesOf(lastOf(cut));

    const full = twoview([...short, '--out', cut, '--resume', '--checkpoint-minutes', '0'], env, { fileKiB: 512 });
    expect([full.status, full.stderr.includes('DISK_FULL')]).toEqual([1, true]);
    expect(full.stderr).toContain(join(cut, 'checkpoints'));
    expect(full.stderr).not.toContain('bug');
    expect(bytesOf(lastOf(cut)).equals(saved)).toBe(true);
    expect(readdirSync(join(cut, 'checkpoints')).filter((name) => name.includes('partial'))).toEqual([]);

    expect(twoview([...short, '--out', cut, '--resume'], env).status).toBe(0);
    for (const name of ['checkpoints/last.safetensors', 'checkpoints/best.safetensors', 'metrics.jsonl'])
      expect(bytesOf(join(cut, name)).equals(bytesOf(join(whole, name))), name).toBe(true);
  });

  test('ends an experiment, which goes on later: its other jobs would fail alike', () => {
    const grid = ['--models', 'resnet10_narrow', '--arms', 'supervised', '--fractions', '0.5,1', '--seeds', '1'];
    const args = ['compare', '--data', data, ...grid, '--finetune.epochs', '1', '--out', join(root, 'grid')];
    const full = twoview(args, env, { fileKiB: 512 });
    expect([full.status, full.stderr.includes('DISK_FULL'), full.stdout]).toEqual([1, true, '']);
    const again = twoview([...args, '--resume'], env);
    expect([again.status, again.stdout.includes('failed')]).toEqual([0, false]);
  });
});

test('a training that diverges ends with exit 1, and its checkpoint holds finite weights', async () => {
  const out = join(root, 'diverged');
  const wild = ['--lr', '1e18', '--warmup-epochs', '0', '--checkpoint-minutes', '0'];
  const { status, stderr } = twoview([...short, ...wild, '--out', out], env);
  expect([status, stderr.includes('LOSS_NOT_FINITE')]).toEqual([1, true]);
  expect(stderr).toContain('last good state');
  await torch.load();
  const { tensors } = torch.safetensors.load(lastOf(out));
  const weights = Object.entries(tensors).filter(([key]) => !key.startsWith('optimizer.'));
  for (const [key, tensor] of weights) expect(Number.isFinite(tensor.to('float32').abs().max().item()), key).toBe(true);
});
