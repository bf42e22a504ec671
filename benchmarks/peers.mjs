#!/usr/bin/env node
/**
 * @file `npm run bench:peers`: SimCLR pre-training beside what one would use instead, each in a process of its own on the same
 * images, from the same weights, in turns. docs/benchmarks.md says what the contenders are.
 *
 *   npm run bench:peers -- [--models a,b] [--contenders a,b] [--steps N] [--rounds N] [--batch N] [--json FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from './lib/machine.mjs';
import { fail, optionsOr } from './lib/options.mjs';
import { agreement, peersMarkdown } from './lib/peers-table.mjs';
import { PEERS, peersPython } from './lib/python.mjs';
import { beginning, pictures } from './lib/same-start.mjs';
import { summary } from './lib/statistics.mjs';
import { secondsPerStep, watched } from './lib/watched.mjs';

const MODELS = ['resnet18', 'resnet34', 'resnet50', 'rexnet_150'];
const OURS = 'twoview';
/** Each with how it computes; `auto` measures that for itself. */
const CONTENDERS = {
  [OURS]: 'auto',
  published: 'float32',
  lightly: 'float32',
  'optimised-float32': 'float32',
  'optimised-bfloat16': 'bfloat16',
  'compiled-float32': 'float32',
  'compiled-bfloat16': 'bfloat16',
};
const THREADS = 2;
/** Steps that are not counted: memory is new, and loaders have batches in store. */
const WARM_UP = 2;
const LR = 0.03;
const EPOCH = 50_000;

const values = optionsOr(
  `npm run bench:peers -- [--models a,b] [--contenders a,b] [--steps N] [--rounds N] [--batch N] [--json FILE]

  --models      ${MODELS.join(', ')} (all)
  --contenders  ${Object.keys(CONTENDERS).join(', ')} (all)
  --steps       of each run, of which the first ${WARM_UP} are not counted (10)
  --rounds      runs of each contender (2)
  --batch       images a step; each gives two views (64)
  --json        writes all figures to this file, anew after each network`,
  {
    models: { type: 'string', default: MODELS.join(',') },
    contenders: { type: 'string', default: Object.keys(CONTENDERS).join(',') },
    steps: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '2' },
    batch: { type: 'string', default: '64' },
    json: { type: 'string' },
  },
);
const list = (text, known) => {
  const names = text.split(',');
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) fail(`there is no ${unknown.join(', ')}; choose among ${known.join(', ')}`);
  return names;
};
const whole = (name, least) => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < least) fail(`--${name} must be a whole number from ${least} up`);
  return number;
};
const models = list(values.models, MODELS);
const contenders = list(values.contenders, Object.keys(CONTENDERS));
const [steps, rounds, batch] = [whole('steps', WARM_UP + 1), whole('rounds', 1), whole('batch', 2)];

const interpreter = await peersPython();
const script = fileURLToPath(new URL('./lib/pretrain-steps.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'twoview-peers-'));
const rows = [];
try {
  const images = await pictures(join(folder, 'images.safetensors'), steps * batch);
  for (const model of models) {
    const weights = join(folder, `${model}.safetensors`);
    // What a first run here measures and keeps is no part of the others.
    if (contenders.includes(OURS)) await run(OURS, { images, weights, model, steps: 1, seed: 0 });
    const runs = new Map(contenders.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      beginning(weights, model, round);
      for (const name of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const result = await run(name, { images, weights, model, steps, seed: round });
        runs.get(name).push(result);
        console.error(`peers  ${model}  ${name}: ${viewsPerSecond(result).toFixed(1)} views/s`);
      }
    }
    for (const [contender, of] of runs) rows.push(rowOf(model, contender, of, runs.get(OURS)));
    if (values.json) writeFileSync(values.json, `${JSON.stringify(await report(), null, 2)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(peersMarkdown(await report(), OURS));

async function report() {
  return { ...(await machine()), batch, steps, rounds, rows, agreement: agreement(rows, OURS) };
}

/** @param of.seed another in each round, or the rounds would say nothing of what chance does */
function run(name, { images, weights, model, steps: count, seed }) {
  const options = { images, weights, model, batch, steps: count, seed, precision: CONTENDERS[name] };
  const shared = { threads: THREADS, temperature: 0.5, lr: LR, contender: name.split('-')[0] };
  const text = JSON.stringify({ ...options, ...shared });
  if (name === OURS) return watched(process.execPath, [script, text]);
  return watched(interpreter, [join(PEERS, 'pretrain.py'), text], { OMP_NUM_THREADS: String(THREADS) });
}

function viewsPerSecond(run) {
  return (2 * batch) / secondsPerStep(run, WARM_UP);
}

function rowOf(model, contender, of, ours) {
  const speeds = of.map(viewsPerSecond);
  const timed = of.map(({ steps: done, coreSeconds }) => coreSeconds / done.length);
  return {
    ...{ contender, model, precision: CONTENDERS[contender] },
    viewsPerSecond: summary(speeds).median,
    /** Ours over theirs, in the same round. */
    ratio: ours && summary(speeds.map((speed, i) => viewsPerSecond(ours[i]) / speed)),
    peakMemoryMiB: summary(of.map(({ peakMemoryMiB }) => peakMemoryMiB)).median,
    secondsToFirstStep: summary(of.map(({ steps: done }) => done[0].at)).median,
    coreSecondsPerEpoch: (summary(timed).median * EPOCH) / batch,
    losses: of.map(({ steps: done }) => done.map(({ loss }) => loss)),
  };
}
