import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as torch from '../src/index.js';

/** Children and workers run what `tsc -b` built, as users do. */
const built = (name: string) => fileURLToPath(new URL(`../dist/test/children/${name}.js`, import.meta.url));

let live = 0;
beforeAll(() => torch.load({ threads: 1 }));
beforeEach(() => {
  live = torch.liveTensors();
});
afterEach(() => expect(torch.liveTensors(), 'tensors leaked').toBe(live));

type Make = () => torch.Tensor;
const STATES: Record<string, Make> = {
  alive: () => torch.tensor([1, 2]),
  disposed: () => {
    const x = torch.tensor([1, 2]);
    x.dispose();
    return x;
  },
  'scope ended': () => {
    let inside!: torch.Tensor;
    torch.scope(() => {
      inside = torch.tensor([1, 2]);
    });
    return inside;
  },
  kept: () => {
    let inside!: torch.Tensor;
    torch.scope(() => {
      inside = torch.keep(torch.tensor([1, 2]));
    });
    return inside;
  },
  returned: () => torch.scope(() => torch.tensor([1, 2])),
  'made inside noGrad': () => torch.noGrad(() => torch.tensor([1, 2])),
};
/** Each operation, and how a state answers it: a value, or the code of the refusal. */
const OPERATIONS: Record<string, (x: torch.Tensor) => unknown> = {
  'a method': (x) => x.add(1).tolist(),
  'as an argument': (x) => torch.ones([2]).add(x).tolist(),
  'in a list': (x) => torch.cat([x]).tolist(),
  'the untyped door': (x) => (torch.op('aten::neg', x) as torch.Tensor).tolist(),
  'in place': (x) => x.add_(0).tolist(),
  shape: (x) => [...x.shape],
  dtype: (x) => x.dtype,
  device: (x) => x.device,
  strides: (x) => x.strides,
  numel: (x) => x.numel(),
  'to an array': (x) => x.toArray(),
  'asking for a gradient': (x) => {
    x.requiresGrad = true;
    x.sum().backward();
    const gradient = x.grad!.tolist();
    x.grad = null;
    return gradient;
  },
  'setting a gradient': (x) => {
    x.grad = torch.ones([2]);
    x.grad = null;
  },
  'disposing again': (x) => x.dispose(),
  'asking whether it is disposed': (x) => typeof x.disposed,
  printing: (x) => typeof String(x),
};
const ALIVE: Record<string, unknown> = {
  'a method': [2, 3],
  'as an argument': [2, 3],
  'in a list': [1, 2],
  'the untyped door': [-1, -2],
  'in place': [1, 2],
  shape: [2],
  dtype: 'float32',
  device: 'cpu',
  strides: [1],
  numel: 2,
  'to an array': [1, 2],
  'asking for a gradient': [1, 1],
};
/** What a dead tensor still does. */
const HARMLESS = ['disposing again', 'asking whether it is disposed', 'printing'];

describe.each(Object.entries(STATES))('a tensor that is %s', (state, make) => {
  const dead = state === 'disposed' || state === 'scope ended';
  test.each(Object.entries(OPERATIONS))(`${dead ? 'refuses, or bears' : 'takes'}: %s`, (name, operation) => {
    const x = make();
    let answer: unknown;
    try {
      answer = torch.scope(() => operation(x));
    } catch (error) {
      answer = (error as torch.TorchError).code;
    }
    if (dead && !HARMLESS.includes(name)) expect(answer).toBe('TENSOR_DISPOSED');
    else if (name in ALIVE) expect(answer).toEqual(ALIVE[name]);
    x.dispose();
    expect(x.disposed).toBe(true);
  });
});

test('`using` frees at the end of its block, also after a throw', () => {
  const inside: torch.Tensor[] = [];
  const block = (fail: boolean) => {
    using x = torch.ones([2]);
    inside.push(x);
    if (fail) throw new Error('x');
  };
  block(false);
  expect(() => block(true)).toThrow('x');
  expect(inside.map((x) => x.disposed)).toEqual([true, true]);
});

describe('scope', () => {
  test('lets live what it returns, nested as it may be, and frees the rest', () => {
    const value = torch.scope(() => {
      const made = Array.from({ length: 6 }, (_, i) => torch.tensor(i));
      return {
        list: [made[0], [made[1]]],
        map: new Map([['a', made[2]]]),
        plain: { deep: { er: made[3] } },
        text: 'x',
        none: null,
      };
    });
    expect(torch.liveTensors()).toBe(live + 4);
    expect(value.plain.deep.er!.item()).toBe(3);
    for (const tensor of [
      value.list[0] as torch.Tensor,
      (value.list[1] as torch.Tensor[])[0]!,
      value.map.get('a')!,
      value.plain.deep.er!,
    ])
      tensor.dispose();
  });
  test('bears a value that holds itself', () => {
    interface Ring {
      self?: Ring;
      x: torch.Tensor;
    }
    const ring = torch.scope(() => {
      const made: Ring = { x: torch.ones([1]) };
      made.self = made;
      return made;
    });
    expect(ring.x.disposed).toBe(false);
    ring.x.dispose();
  });
  test('hands what it returns to the scope around', () => {
    torch.scope(() => {
      const inner = torch.scope(() => torch.ones([1]));
      expect(inner.disposed).toBe(false);
    });
    expect(torch.liveTensors()).toBe(live);
  });
  test('frees all after a throw, at every depth', () => {
    expect(() =>
      torch.scope(() => {
        torch.ones([1]);
        torch.scope(() => {
          torch.ones([1]);
          throw new Error('deep');
        });
      }),
    ).toThrow('deep');
    expect(torch.liveTensors()).toBe(live);
    torch.scope(() => torch.ones([1])).dispose(); // and the next scope is a whole one
  });
  test('refuses an asynchronous body and frees what its first piece made', () => {
    expect(() => torch.scope(async () => torch.ones([1]))).toThrow(expect.objectContaining({ code: 'ASYNC_SCOPE' }));
    expect(torch.liveTensors()).toBe(live);
  });
  test('leaves alone what was made before it, and memory that is shared lives on', () => {
    const x = torch.arange(6);
    const row = torch.scope(() => x.reshape([2, 3]).select(0, 1));
    x.dispose();
    expect(row.tolist()).toEqual([3, 4, 5]);
    row.dispose();
  });
});

test('liveBytes counts storages once, and comes back', () => {
  const before = torch.liveBytes();
  const x = torch.ones([1000]);
  const view = x.reshape([10, 100]);
  expect(torch.liveBytes() - before).toBe(4000);
  x.dispose();
  view.dispose();
  expect(torch.liveBytes()).toBe(before);
});

test('what nobody holds is freed by the garbage collector', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', built('gc')], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const seen = JSON.parse(stdout) as {
    before: [number, number];
    made: number;
    after: [number, number];
    held: number[];
  };
  expect(seen.made).toBe(seen.before[0] + 101);
  expect(seen.after).toEqual([seen.before[0] + 1, seen.before[1] + 16]);
  expect(seen.held).toEqual([1, 1, 1, 1]);
});

describe('worker threads', () => {
  const start = (data: object) => new Worker(built('step-worker'), { workerData: data });
  const last = (worker: Worker) =>
    new Promise<{ loss: number; leaked: number; borrowed: string[] | null }>((resolve, reject) => {
      worker.on('message', (message) => message !== 'stepping' && resolve(message));
      worker.on('error', reject);
    });

  test('two at once train as each would alone, beside this thread', async () => {
    const alone = await last(start({ seed: 1, steps: 50 }));
    const both = await Promise.all([last(start({ seed: 1, steps: 50 })), last(start({ seed: 2, steps: 50 }))]);
    expect(alone.loss).toBeLessThan(1);
    expect(both[0]).toEqual({ ...alone, leaked: 0 });
    expect(both[1].loss).not.toBe(alone.loss);
    expect(torch.liveTensors()).toBe(live);
  });

  test('a tensor of this thread is nothing there', async () => {
    const x = torch.ones([2]);
    const { borrowed } = await last(start({ seed: 1, steps: 1, foreign: { ...x, clonable: null } }));
    for (const move of [structuredClone, (value: unknown) => start({ foreign: value })]) {
      expect(() => move(x)).toThrow(/A tensor belongs to its thread: send x.toTypedArray\(\) and x.shape/);
    }
    expect(borrowed).toEqual(['ARGUMENT', 'ARGUMENT']);
    x.dispose();
  });

  // In a process of its own, since a crash would take this one with it.
  test('those that are ended in mid-step leave the process as it was', () => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [built('terminate')], { encoding: 'utf8' });
    expect({ status, signal, stdout }, stderr).toEqual({ status: 0, signal: null, stdout: 'tensor([2., 2.])\n' });
  });
});
