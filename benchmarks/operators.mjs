/** @file What one small operator costs, from TypeScript and from Python: both free their results, both record no gradient. */
import * as torch from '../packages/torch/dist/src/index.js';
import { peer } from './lib/peer.mjs';
import { inTurns, seconds } from './lib/statistics.mjs';

const THREADS = 2;

const KINDS = {
  add: { about: 'add of two [2, 2]', each: 10 },
  mixed: { about: 'a mixed bag: mul, view, sum, matmul, add_', each: 5 },
};

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS });
  const python = await peer('operators', { threads: THREADS });
  const a = torch.tensor([
    [1, 2],
    [3, 4],
  ]);
  const b = torch.tensor([
    [5, 6],
    [7, 8],
  ]);
  const bodies = {
    add() {
      for (let i = 0; i < 10; i++) a.add(b);
    },
    mixed() {
      const x = a.mul(2);
      const y = x.view([4]);
      y.sum();
      a.matmul(b);
      x.add_(b);
    },
  };
  const calls = quick ? 20_000 : 100_000;
  for (const [kind, { about, each }] of Object.entries(KINDS)) {
    const rounds = calls / each;
    const ours = () =>
      seconds(() => {
        for (let i = 0; i < rounds; i++) torch.scope(bodies[kind]);
      });
    const found = await inTurns(quick ? 5 : 15, ours, () => python.ask({ kind, calls }));
    yield {
      name: `one small operator, TypeScript / Python: ${about}`,
      target: { most: 1.1, unit: 'x' },
      value: found.ratio,
      detail: `${((found.ours / calls) * 1e6).toFixed(2)} us, Python ${((found.theirs / calls) * 1e6).toFixed(2)} us`,
      samples: found.pairs,
    };
  }
  python.end();
}
