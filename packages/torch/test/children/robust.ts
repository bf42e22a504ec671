/** @file Run by robust.test.ts: one scene, named on the command line, in a process of its own; the last line is what was seen. */
import { truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as torch from '../../src/index.js';

const here = fileURLToPath(import.meta.url);
const [scene, folder] = process.argv.slice(2);
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const half = (x: number) => x / 2;
const javascript = () => [half(1e-323) > 0, half(2.2250738585072014e-308), JSON.stringify([5e-324])];

function codeOf(call: () => unknown): string {
  try {
    return String(call());
  } catch (error) {
    return (error as torch.TorchError).code;
  }
}

const scenes: Record<string, () => Promise<unknown>> = {
  async load() {
    const first = torch.load();
    const second = torch.load();
    await first;
    const a = torch.full([2], 7.5);
    await second;
    const b = torch.zeros([3]);
    a.add_(1);
    return { a: a.tolist(), b: b.tolist() };
  },

  async subnormals() {
    const before = javascript();
    await torch.load({ threads: 2 });
    const tiny = torch.full([1 << 20], 1e-40); // more than one thread's share
    const survive = () => torch.scope(() => tiny.mul(1).gt(0).float().mean().item());
    tiny.sum();
    const [loaded, off] = [javascript(), survive()];
    torch.setFlushDenormal(true);
    const share = survive();
    const threads = torch.scope(() =>
      tiny
        .mul(1)
        .slice(0, 1 << 19)
        .max()
        .item(),
    );
    return { before, loaded, asked: javascript(), off, on: share, threads };
  },

  async shortened() {
    await torch.load({ threads: 1 });
    const file = join(folder!, 'weights.safetensors');
    torch.safetensors.save(file, { x: torch.ones(1 << 20), y: torch.ones(2) });
    const { tensors } = await torch.safetensors.load(file);
    const { x, y } = tensors as { x: torch.Tensor; y: torch.Tensor };
    const whole = x.slice(0, 0, 4096).sum().item();
    truncateSync(file, 64 << 10);
    const codes = [() => x.sum(), () => x.add(1), () => x.toTypedArray()].map(codeOf);
    return { whole, codes, alive: torch.ones(2).sum().item(), others: x.slice(0, 0, 6).sum().item() + 0 * y.numel() };
  },

  async workers() {
    await torch.load({ threads: 1 });
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
    });
    const start = async (workerData: object) => {
      const worker = new Worker(here, { workerData });
      const said = await new Promise((resolve) => worker.on('message', resolve));
      await worker.terminate();
      return said;
    };
    await start({ role: 'profile' });
    const rows = torch.profile(() => void torch.ones(2).add(1));
    await start({ role: 'group', port });
    const group = torch.distributed.ProcessGroup.join(meeting(port + 1));
    const draw = () => {
      torch.manualSeed(1);
      return torch.rand(3).tolist();
    };
    const first = draw();
    torch.manualSeed(1);
    const theirs = (await start({ role: 'seed' })) as number[];
    return {
      profile: rows.some(({ name }) => name === 'aten::add'),
      group: group.name,
      sameDraws: String(torch.rand(3).tolist()) === String(first),
      ownDraws: String(theirs) !== String(first) && String(await start({ role: 'seed' })) === String(theirs),
    };
  },

  /** Profiles, while workers call operators of ever other shapes. */
  async profiles() {
    await torch.load({ threads: 1 });
    const workers = [];
    for (let i = 0; i < 3; i++) {
      const worker = new Worker(here, { workerData: { role: 'operators' } });
      await new Promise((resolve) => worker.on('message', resolve));
      workers.push(worker);
    }
    const end = performance.now() + 3000;
    let profiles = 0;
    for (; performance.now() < end; profiles++) {
      torch.profile(() => {
        const until = performance.now() + 2;
        while (performance.now() < until);
      });
    }
    const own = torch.profile(() => torch.scope(() => void torch.ones(3).add(1)));
    for (const worker of workers) await worker.terminate();
    return { many: profiles > 50, own: own.some(({ name }) => name === 'aten::add') };
  },

  async memory() {
    await torch.load({ threads: 1 });
    const rss = () => process.memoryUsage().rss / 2 ** 20;
    const begin = rss();
    const live: torch.Tensor[] = [];
    const churn = () => {
      const made = Array.from({ length: 36 }, () => torch.ones((25 << 20) / 4));
      live.push(made[7]!, made[15]!, made[23]!, made[31]!); // blocks in the midst of what is freed
      for (const one of made) if (!live.includes(one)) one.dispose();
    };
    churn();
    await rest(5000);
    const after = rss() - begin;
    for (const one of live.splice(0)) one.dispose();
    await torch.load({ keepMemory: true });
    churn();
    await rest(5000);
    return { rest: after, kept: rss() - begin };
  },
};

function meeting(port: number) {
  return { rank: 0, size: 1, localRank: 0, host: '127.0.0.1', port, timeout: 5000, networkInterface: 'lo' };
}

if (isMainThread) {
  console.log(JSON.stringify(await scenes[scene!]!()));
  process.exit(0);
}

const { role, port } = workerData as { role: string; port: number };
await torch.load({ threads: 1 });
if (role === 'group') torch.distributed.ProcessGroup.join(meeting(port));
if (role === 'seed') {
  torch.manualSeed(5);
  const drawn = torch.scope(() => [...torch.rand(2).tolist(), torch.ones(100).dropout(0.5, true).sum().item()]);
  parentPort!.postMessage(drawn);
} else if (role === 'profile') {
  torch.profile(() => {
    parentPort!.postMessage('in the midst of it');
    for (;;) torch.scope(() => torch.ones(64).add(1));
  });
} else if (role === 'operators') {
  parentPort!.postMessage('begins');
  for (let n = 1; ; n = (n % 3000) + 1) torch.scope(() => torch.ones(n).add(1).mul(torch.ones(n)));
} else parentPort!.postMessage('joined');
setInterval(() => {}, 1000);
