/** @file Several processes over Gloo are one: N of them with a share of the batch learn what one learns with all of it. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../src/cli/free-port.js';
import { LOSS_NAMES, type LossName } from '../src/config/pretrain.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const script = fileURLToPath(new URL('../dist/test/team-steps.js', import.meta.url));
beforeAll(() => torch.load({ threads: 1 }));
afterAll(() => rmSync(root, { recursive: true }));

const STEPS = 3;

/** Runs the steps in so many processes. @returns what the first one wrote */
async function learnt(size: number, mode: 'whole' | 'parts', loss: LossName = 'nt-xent') {
  const file = join(root, `${mode}-${size}-${loss}.safetensors`);
  const port = await freePort();
  const together = {
    WORLD_SIZE: String(size),
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: String(port),
    TWOVIEW_TIMEOUT: '60',
  };
  const ended = Array.from({ length: size }, (_, rank) => {
    const child = spawn(process.execPath, [script, file, mode, String(STEPS), loss], {
      env: { ...process.env, ...together, RANK: String(rank), OMP_NUM_THREADS: '1' },
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    return new Promise<string>((resolve) => child.on('close', (status) => resolve(status === 0 ? '' : said)));
  });
  expect((await Promise.all(ended)).filter((said) => said !== '')).toEqual([]);
  const { tensors, metadata } = torch.safetensors.load(file);
  return { tensors, losses: JSON.parse(metadata.losses!) as number[] };
}

/** The largest distance of any tensor whose name begins so, as a share of its largest value. */
function distance(a: Record<string, torch.Tensor>, b: Record<string, torch.Tensor>, named: RegExp): number {
  const names = Object.keys(b).filter((name) => named.test(name));
  expect(names.length).toBeGreaterThan(5);
  return Math.max(
    ...names.map((name) => {
      const [mine, other] = [a[name]!.to('float64'), b[name]!.to('float64')];
      return mine.sub(other).abs().max().item() / (other.abs().max().item() + 1e-9);
    }),
  );
}

// In float64, where a wrong factor cannot hide behind rounding: what is left of it grows by a factor of ten or so a step.
const TOLERANCE = 1e-9;

describe.each(['whole', 'parts'] as const)('a %s batch', (mode) => {
  test.each([2, 3])(
    'shared by %d processes: losses, gradients, weights and running statistics of one',
    async (size) => {
      const [one, many] = [await learnt(1, mode), await learnt(size, mode)];
      for (const [i, loss] of one.losses.entries()) expect(Math.abs(many.losses[i]! - loss)).toBeLessThan(TOLERANCE);
      expect(distance(many.tensors, one.tensors, /^gradient\./)).toBeLessThan(TOLERANCE);
      expect(distance(many.tensors, one.tensors, /^[01]\..*(weight|bias)$/)).toBeLessThan(TOLERANCE);
      expect(distance(many.tensors, one.tensors, /running_/)).toBeLessThan(TOLERANCE);
    },
  );
});

describe.each(LOSS_NAMES.filter((name) => name !== 'nt-xent'))('%s', (name) => {
  test.each(['whole', 'parts'] as const)(
    'a %s batch shared by 2 processes: losses and gradients of one',
    async (mode) => {
      const [one, two] = [await learnt(1, mode, name), await learnt(2, mode, name)];
      for (const [i, loss] of one.losses.entries()) expect(Math.abs(two.losses[i]! / loss - 1)).toBeLessThan(1e-7);
      expect(distance(two.tensors, one.tensors, /^gradient\./)).toBeLessThan(TOLERANCE);
    },
  );
});
