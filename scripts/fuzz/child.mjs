/** @file Makes inputs from (seed, number) alone, gives each to the library, and says how it was taken. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '../../packages/torch/dist/src/index.js';
import { TwoviewError } from '../../packages/twoview/dist/src/index.js';
import { kindsOf } from './kinds.mjs';
import { random } from './mutate.mjs';

const [seed, first, root, only] = [process.argv[2], Number(process.argv[3]), process.argv[4], process.argv[5]];
await torch.load({ threads: 1 });
rmSync(join(root, 'seeds'), { recursive: true, force: true }); // another child's, which ended in the middle of something
const kinds = await kindsOf(join(root, 'seeds'));
/** What takes a second or more comes more rarely. */
const SLOW = { resume: 4, command: 8 };
const names = Object.keys(kinds).filter((name) => only === '' || name === only);

for (let input = first; ; input++) {
  const r = random(`${seed} ${input}`);
  const kind = names[input % names.length];
  if (only === '' && !r.chance(1 / (SLOW[kind] ?? 1))) continue;
  process.send({ begins: true, input, kind });
  const folder = join(root, 'input');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  let outcome = 'taken';
  let wrong = null;
  try {
    wrong = await kinds[kind](folder, r);
  } catch (error) {
    outcome = 'refused';
    const coded = error instanceof TwoviewError || error instanceof torch.TorchError;
    if (!coded) wrong = error instanceof Error ? `${error.stack}`.split('\n').slice(0, 3).join(' | ') : String(error);
    else if (['OPERATOR', 'ARGUMENT'].includes(error.code)) wrong = `${error.code} ${error.message.split('\n')[0]}`;
  }
  if (input % 200 === 0) rmSync(join(root, 'cache'), { recursive: true, force: true });
  process.send({ outcome, wrong, rss: process.memoryUsage().rss });
  await new Promise(setImmediate);
}
