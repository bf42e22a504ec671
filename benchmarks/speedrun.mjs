/**
 * @file A race of self-supervised learning: minutes of training on this machine until kNN (k = 200) of CIFAR-10's test images passes a mark.
 * Every mark is a run of its own with its own number of epochs, fixed beforehand and never chosen on the test images, as in
 * KellerJordan/cifar10-airbench; features and kNN are outside of the clock. docs/speedrun.md has the rules and the record.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knn, pretrain } from '../packages/twoview/dist/src/index.js';
import { machine } from './lib/machine.mjs';
import { fail, optionsOr } from './lib/options.mjs';
import { CONTENDERS } from './lib/speedrun-recipes.mjs';

const HELP = `npm run speedrun -- [options]

  --data SOURCE        CIFAR-10 (default: cifar10, downloaded once)
  --contender NAME     ${Object.keys(CONTENDERS).join(', ')} (default: twoview)
  --marks LIST         kNN accuracies in percent (default: all that the contender has a recipe for)
  --seeds N            runs for each mark (default: 3)
  --threads N          (default: 2)
  --out FOLDER         runs and results; runs that are done are kept, a broken one goes on (default: runs/speedrun)`;

const options = optionsOr(HELP, {
  data: { type: 'string', default: 'cifar10' },
  contender: { type: 'string', default: 'twoview' },
  marks: { type: 'string' },
  seeds: { type: 'string', default: '3' },
  threads: { type: 'string', default: '2' },
  out: { type: 'string', default: 'runs/speedrun' },
});
const recipes = CONTENDERS[options.contender] ?? fail(`no contender is called ${options.contender}\n${HELP}`);
const marks = options.marks?.split(',') ?? Object.keys(recipes);
for (const mark of marks)
  if (recipes[mark] === undefined) fail(`${options.contender} has no recipe for ${mark} %\n${HELP}`);
const seeds = Number(options.seeds);
const threads = Number(options.threads);
if (!(seeds >= 1 && threads >= 1)) fail(`--seeds and --threads are whole numbers from 1 on\n${HELP}`);

const file = join(options.out, `${options.contender}.json`);
const { runs = [] } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
for (const mark of marks) {
  for (let seed = 0; seed < seeds; seed++) {
    if (runs.some((run) => run.mark === mark && run.seed === seed)) continue;
    const name = `${options.contender}-${mark}-seed${seed}`;
    const out = join(options.out, name);
    const before = await machine();
    const { seconds, flops, steps } = await pretrain({
      ...{ data: options.data, out, resume: existsSync(out), seed, threads, heldOut: 0, checkpointMinutes: 10 },
      ...{ precision: 'bfloat16', device: 'cpu', ...recipes[mark] },
      onEpoch: ({ epoch, epochs, loss }) =>
        console.error(`${name}  epoch ${epoch} of ${epochs}  loss ${loss.toFixed(3)}`),
    });
    const { others, metrics } = await knn({ data: options.data, weights: out, k: 200, knnTemperature: 0.1, threads });
    const accuracy = 100 * metrics.accuracy;
    runs.push({
      mark,
      seed,
      minutes: seconds / 60,
      accuracy,
      passed: accuracy >= Number(mark),
      flops,
      steps,
      others,
      machine: before,
    });
    keepLog(out, name);
    writeFileSync(file, JSON.stringify({ contender: options.contender, recipes, runs }, null, 2));
    console.log(
      `${name}  ${(seconds / 60).toFixed(2)} min  kNN ${accuracy.toFixed(2)} %  ${(flops / 1e15).toFixed(3)} PFLOP`,
    );
  }
}
console.log(table());

/** Settings, environment and losses of the run, small enough to be committed. */
function keepLog(run, name) {
  const folder = join(options.out, 'logs', name);
  mkdirSync(folder, { recursive: true });
  for (const part of ['config.yaml', 'environment.json', 'metrics.jsonl'])
    copyFileSync(join(run, part), join(folder, part));
}

function table() {
  const { date, cpu, cores, versions } = runs[0].machine;
  const rows = marks.map((mark) => {
    const mine = runs.filter((run) => run.mark === mark);
    const mean = (of) => mine.reduce((sum, run) => sum + of(run), 0) / mine.length;
    const each = mine.map(({ accuracy }) => accuracy.toFixed(2)).join(', ');
    const passed = mean(({ accuracy }) => accuracy) >= Number(mark) ? 'yes' : '**no**';
    return `| ${mark} % | ${mean(({ minutes }) => minutes).toFixed(2)} | ${mine.length} | ${mean(({ accuracy }) => accuracy).toFixed(2)} (${each}) | ${passed} | ${mean(({ flops }) => flops / 1e15).toFixed(3)} |`;
  });
  return [
    `${options.contender}: ${date}, ${cpu}, ${cores} cores, ${threads} threads, Node ${versions.Node}, libtorch ${versions.libtorch}`,
    '',
    '| mark | minutes, mean | n | kNN, mean (each) | mean passes | PFLOP |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
