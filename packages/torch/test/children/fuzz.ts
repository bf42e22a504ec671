/**
 * @file Run by hostile.test.ts: calls every operator of libtorch with arguments that are wrong in a seeded random way, and
 * exits with 0 if the process lived through it. The operator under way is written to a file first, so that a crash has a name.
 *
 *   node dist/test/children/fuzz.js SEED ROUNDS FILE [FIRST]
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import * as torch from '../../src/index.js';
import { native } from '../../src/native.js';
import { randomArguments, randomSource } from './fuzz-arguments.js';

const [seed, rounds, file, first = '0'] = process.argv.slice(2);
await torch.load({ threads: 1 });
// The polynomials' time grows with the value of their order: right, but without end for the values here.
const names = native()
  .operatorNames()
  .filter((name) => !name.includes('_polynomial_'))
  .sort();
const log = openSync(file!, 'w');
let accepted = 0;
let refused = 0;
for (let i = Number(first); i < names.length; i++) {
  const name = names[i]!;
  const id = native().resolve(name.split('.')[0]!, name.split('.').slice(1).join('.'))!;
  const { arguments: schema } = native().schema(id);
  for (let round = 0; round < Number(rounds); round++) {
    const random = randomSource(`${seed}/${name}/${round}`);
    torch.scope(() => {
      const args = randomArguments(schema, random);
      const call = `${i} ${round} ${name}(${args.map(show).join(', ')})`;
      writeSync(log, `${call}\n`.padEnd(2000, ' '), 0);
      try {
        use(torch.op(name, ...args));
        accepted++;
      } catch (error) {
        if (!(error instanceof torch.TorchError)) throw error;
        refused++;
      }
    });
  }
}
closeSync(log);
console.log(JSON.stringify({ operators: names.length, accepted, refused, live: torch.liveTensors() }));

/** Whatever came out must be as harmless as what went in. */
function use(result: unknown): void {
  if (Array.isArray(result)) for (const one of result) use(one);
  if (!(result instanceof torch.Tensor)) return;
  for (const look of [
    () => result.strides,
    () => result.isContiguous(),
    () => result.requiresGrad,
    () => result.item(),
    () => result.numel() < 1000 && String(result),
  ]) {
    try {
      look();
    } catch (error) {
      if (!(error instanceof torch.TorchError)) throw error;
    }
  }
}

function show(value: unknown): string {
  if (value instanceof torch.Tensor) return value.describe();
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return typeof value === 'bigint'
    ? `${value}n`
    : typeof value === 'symbol'
      ? 'symbol'
      : (JSON.stringify(value) ?? String(value));
}
