#!/usr/bin/env node
/** @file The check of a GPU machine: `check.mjs a|b|c|d --out FOLDER`, started by run.sh. Each part runs in a process of its own. */
import { mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checksOfA, planA } from './plan-a.mjs';
import { checksOfB, planB } from './plan-b.mjs';
import { checksOfC, planC } from './plan-c.mjs';
import { checksOfD, planD } from './plan-d.mjs';
import { Runner } from './runner.mjs';
import { DRY_RUN, FULL } from './sizes.mjs';

const PLANS = {
  a: { run: planA, checks: checksOfA, seconds: 170 },
  b: { run: planB, checks: checksOfB, seconds: 505 },
  c: { run: planC, checks: checksOfC, seconds: 480 },
  d: { run: planD, checks: checksOfD, seconds: 480 },
};
/** A CPU has no window to fit into. */
const DRY_SECONDS = 3600;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    device: { type: 'string', default: 'cuda' },
    seconds: { type: 'string' },
    started: { type: 'string' },
    out: { type: 'string' },
    pack: { type: 'string' },
    work: { type: 'string', default: '.' },
    from: { type: 'string' },
    epochs: { type: 'string' },
    jobs: { type: 'string' },
  },
});
const [mode] = positionals;
const plan = PLANS[mode];
if (plan === undefined || positionals.length !== 1) throw new Error(`which check: ${Object.keys(PLANS).join(', ')}?`);
if (flags.out === undefined) throw new Error('--out is missing: the folder of all that comes home');
const number = (name, otherwise) => {
  const value = flags[name] === undefined ? otherwise : Number(flags[name]);
  if (value !== null && !(value > 0)) throw new Error(`--${name} must be a positive number, got ${flags[name]}`);
  return value;
};

const { device } = flags;
const dryRun = device === 'cpu';
const out = resolve(flags.out);
mkdirSync(out, { recursive: true });
// Two cores that others use as well are quickest with one thread a process.
if (dryRun) process.env.OMP_NUM_THREADS ??= '1';
const seconds = number('seconds', dryRun ? DRY_SECONDS : plan.seconds);
const packed = JSON.parse(readFileSync(join(import.meta.dirname, 'packed.json'), 'utf8'));
const runner = new Runner({
  ...{ out, work: resolve(flags.work), mode, seconds, started: 1000 * number('started', Date.now() / 1000) },
  patience: dryRun ? 10 : 1,
  about: { device, dryRun, seconds, packed },
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => {
    runner.results.failures.push({ part: 'check', status: 'interrupted', message: signal });
    end();
  });
}
process.on('uncaughtException', failed).on('unhandledRejection', failed);

runner.say(`check ${mode} on ${device}, ${seconds} s, packed from ${packed.commit}`);
runner.write();
try {
  await plan.run({
    ...{ runner, device, dryRun, out, pack: resolve(flags.pack ?? '.'), sizes: dryRun ? DRY_RUN : FULL },
    ...{ python: process.env.PYTHON ?? 'python3', cores: availableParallelism() },
    ...{ from: flags.from === undefined ? null : resolve(flags.from), epochs: number('epochs', null) },
    jobs: flags.jobs === undefined ? null : resolve(flags.jobs),
  });
} catch (error) {
  runner.results.failures.push({ part: 'check', status: 'failed', message: error.stack });
  runner.say(`FAILED the check itself: ${error.stack}`);
}
end();

function failed(error) {
  runner.results.failures.push({ part: 'check', status: 'failed', message: error?.stack ?? String(error) });
  end();
}

function end() {
  const { results } = runner;
  results.checks = plan.checks(results);
  const wrong = Object.entries(results.checks).filter(([, passed]) => passed === false);
  for (const [name, passed] of Object.entries(results.checks)) {
    runner.say(`${passed === null ? 'unknown ' : passed ? 'holds   ' : 'WRONG   '} ${name}`);
  }
  results.passed = results.failures.length === 0 && wrong.length === 0;
  runner.write();
  runner.say(
    `${results.passed ? 'PASSED' : `FAILED (${wrong.length} checks, ${results.failures.length} parts)`}, see ${runner.file}`,
  );
  process.exit(results.passed ? 0 : 1);
}
