/** @file Processes that compute together: where they meet, what they exchange, and what is said when they cannot. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireExchange } from '../src/distributed/environment.js';
import * as torch from '../src/index.js';

const { meetingFrom, ProcessGroup } = torch.distributed;
const built = (name: string) => fileURLToPath(new URL(`../dist/test/children/${name}.js`, import.meta.url));
beforeAll(() => torch.load({ threads: 1 }));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** What each of two processes writes. */
async function inTwo(name: string): Promise<{ stdout: string; stderr: string }[]> {
  const together = {
    WORLD_SIZE: '2',
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: String(await freePort()),
    TWOVIEW_TIMEOUT: '60',
  };
  return await Promise.all(
    [0, 1].map((rank) =>
      promisify(execFile)(process.execPath, [built(name)], {
        env: { ...process.env, ...together, RANK: String(rank) },
      }),
    ),
  );
}

describe('two processes', async () => {
  const outputs = await inTwo('exchange');
  const results = outputs.map(({ stdout }) => JSON.parse(stdout));

  test.each([0, 1])('exchange tensors: process %d', (rank) => {
    const { sum, mean, max, broadcast, gathered, gradient, averaged } = results[rank];
    expect({ sum, mean, max, broadcast }).toEqual({ sum: [3, 3], mean: [1.5, 1.5], max: [2, 2], broadcast: [2, 2] });
    expect(gathered).toEqual([1, 1, 2, 2]);
    // Process r weighs row i, j with (2i + j)(r + 1); its own row gets both processes' gradients.
    expect(gradient).toEqual(rank === 0 ? [0, 3] : [6, 9]);
    expect(averaged).toEqual(new Array(3).fill([1.5, 1.5, 1.5]));
  });

  test.each([
    ['float64', 1e-13],
    ['float32', 5e-6],
    ['bfloat16', 0.02],
    ['relu', 5e-6],
    ['a sum and relu', 5e-6],
    ['silu', 5e-6],
  ])('normalise as one: %s', (of, tolerance) => {
    for (const result of results) expect(Math.max(...result[of])).toBeLessThan(tolerance);
  });

  test('say nothing that nobody asked for', () => {
    expect(outputs.map(({ stderr }) => stderr)).toEqual(['', '']);
  });
});

test('two processes that bring different tensors are both told what each of them brings, and go on', async () => {
  const [first, second] = (await inTwo('mismatch')).map(({ stdout }) => JSON.parse(stdout));
  expect([first.after, second.after]).toEqual([
    [2, 2],
    [2, 2],
  ]);
  const said = {
    shape: 'process 0: all_reduce of [2]; process 1: all_reduce of [3]',
    dtype: 'process 0: broadcast of [2]; process 1: broadcast of [2]',
    exchange: 'process 0: all_reduce of [2]; process 1: broadcast of [2]',
    channels: 'process 0: a batch norm of [16]; process 1: a batch norm of [8]',
  };
  for (const [name, text] of Object.entries(said)) {
    for (const told of [first[name], second[name]]) {
      expect(told).toMatch(/^PROCESS_GROUP /);
      expect(told).toContain(text);
    }
  }
});

describe('where to meet', () => {
  const torchrun = { RANK: '3', WORLD_SIZE: '8', LOCAL_RANK: '1', MASTER_ADDR: 'node0', MASTER_PORT: '1234' };
  test("by torchrun's variables", () => {
    const { timeout, networkInterface, ...meeting } = meetingFrom(torchrun)!;
    expect(meeting).toEqual({ rank: 3, size: 8, localRank: 1, host: 'node0', port: 1234 });
    expect([timeout, networkInterface]).toEqual([300_000, '']);
    expect(meetingFrom({ ...torchrun, TWOVIEW_TIMEOUT: '20', GLOO_SOCKET_IFNAME: 'eth1' })).toMatchObject({
      timeout: 20_000,
      networkInterface: 'eth1',
    });
  });
  test("by SLURM's, once MASTER_ADDR says that this is meant", () => {
    const slurm = { SLURM_PROCID: '1', SLURM_NTASKS: '2', SLURM_LOCALID: '0' };
    expect(meetingFrom(slurm)).toBe(null);
    expect(meetingFrom({ ...slurm, MASTER_ADDR: 'node0' })).toMatchObject({ rank: 1, size: 2, port: 29500 });
  });
  test('not at all for one process', () => {
    expect(meetingFrom({})).toBe(null);
    expect(meetingFrom({ RANK: '0', WORLD_SIZE: '1' })).toBe(null);
  });
  test.each([
    ['a number that there is not', { RANK: '8' }, 'RANK=8, WORLD_SIZE=8'],
    ['no number', { RANK: 'one' }, 'RANK=one'],
    ['no size', { WORLD_SIZE: undefined }, 'WORLD_SIZE is not set'],
    ['no machine', { MASTER_ADDR: '' }, 'MASTER_ADDR is not set'],
  ])('%s is refused by name', (_, change, where) => {
    expect(() => meetingFrom({ ...torchrun, ...change })).toThrow(where);
  });
});

test('who waits in vain is told how long, and for how many', () => {
  const meeting = {
    rank: 1,
    size: 2,
    localRank: 1,
    host: '127.0.0.1',
    port: 9,
    timeout: 1000,
    networkInterface: '',
  };
  expect(() => ProcessGroup.join(meeting)).toThrow(
    expect.objectContaining({ code: 'PROCESS_GROUP', message: expect.stringContaining('start all 2 within 1 s') }),
  );
});

test('a libtorch whose exchanges are not known, and Bun and Deno, are refused before anybody waits', () => {
  for (const version of ['2.9.1', '2.10.0', '2.11.0', '2.12.1']) requireExchange(version, {});
  for (const version of ['2.13.0', '2.15.0', '3.0.0'])
    expect(() => requireExchange(version, {})).toThrow(`with libtorch ${version} yet`);
  for (const name of ['bun', 'deno'])
    expect(() => requireExchange('2.11.0', { [name]: '1.4.5' })).toThrow('under Bun and Deno');
});
