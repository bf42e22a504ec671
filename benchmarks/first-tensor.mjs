/** @file From the import of @twoview/torch to its first tensor, all being there, in a new process each time; beside it Python's torch. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { python } from './lib/python.mjs';
import { inTurns, summary } from './lib/statistics.mjs';

const MODULE = new URL('../packages/torch/dist/src/index.js', import.meta.url).href;
const PROGRAM = `const start = performance.now();
const torch = await import('${MODULE}');
await torch.load();
torch.zeros([1]);
console.log((performance.now() - start) / 1000);`;
const PYTHON = `import time
start = time.perf_counter()
import torch
torch.zeros(1)
print(time.perf_counter() - start)`;

export async function* measure({ quick }) {
  const interpreter = await python();
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const run =
    (...command) =>
    () =>
      Number(execFileSync(command[0], command.slice(1), { encoding: 'utf8', cwd }));
  const ours = run(process.execPath, '--input-type=module', '-e', PROGRAM);
  const found = await inTurns(quick ? 3 : 15, ours, run(interpreter, '-c', PYTHON));
  yield {
    name: 'from the import to the first tensor, all being there',
    target: { most: 0.25, unit: ' s' },
    value: summary(found.pairs.map(([own]) => own)),
    detail: `Python torch ${found.theirs.toFixed(2)} s`,
    samples: found.pairs,
  };
}
