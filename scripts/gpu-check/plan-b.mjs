/** @file B, eight and a half minutes: how fast are the networks, beside PyTorch, and what does a real training reach? */
import { join } from 'node:path';
import { cli } from './cli.mjs';
import { nearest, PUBLISHED } from './published.mjs';
import { makeReady } from './ready.mjs';
import { Runner } from './runner.mjs';

const PRECISION = 'bfloat16';
/** Seconds kept free while something less important runs; what is not needed goes to PyTorch's speeds, which come last. */
const EVALUATION = 40;
const HOME = 10;
const PEERS = 55;
/** The training is started even where it has to be short. */
const LEAST_TRAINING = 20;
/** Where there is no timing: a third of what an H100 is expected to do. */
const GUESS = 12_000;

export async function planB(check) {
  const { runner, device, sizes } = check;
  const { built, data } = await makeReady(check);
  if (!built || data === null)
    return runner.skip('all that follows', built ? 'there are no images' : 'the addon was not built');
  const shared = { device, work: runner.work, data, model: sizes.model, precision: PRECISION };
  await runner.part('peaks', 'peaks', 'measurePeaks', { device, sizes: sizes.peaks }, { limit: 20 });
  const timing = { ...sizes.speed, seconds: sizes.train.timing };
  const speed = await runner.part(
    'speed',
    'speed',
    'measureSpeed',
    { ...shared, cudnn: 'benchmark', sizes: timing },
    { limit: 40 },
  );
  const rest = EVALUATION + HOME + PEERS;
  // More than half of the time is the training's: what comes before it must leave that much.
  const reserve = rest + 0.55 * runner.seconds;
  for (const model of sizes.networks.models) await network(check, model, reserve);
  await peer(check, 'resnet18', 'eager', reserve, 15);
  if (await train(check, shared, speed.result?.viewsPerSecond ?? GUESS)) {
    await evaluate(check, data);
    await bringHome(check);
  }
  for (const model of ['resnet34', 'resnet50', 'rexnet_150']) await peer(check, model, 'eager', 3, 20);
  if (sizes.peer.compile) await peer(check, 'resnet18', 'compiled', 3, 60);
  runner.results.table = table(runner.results);
}

function network({ runner, device, sizes }, model, reserve) {
  const options = { device, model, precision: PRECISION, sizes: sizes.networks };
  return runner.part(`network ${model}`, 'networks', 'measureNetwork', options, { limit: 25, reserve, least: 8 });
}

/** The same step by the torch of PYTHON. It does no harm to the check where that cannot be imported. */
async function peer({ runner, device, python, sizes }, model, how, reserve, limit) {
  const options = JSON.stringify({ device, model, how, ...sizes.peer });
  const script = join(import.meta.dirname, 'peer.py');
  const name = `PyTorch ${how} ${model}`;
  const env = { PYTHONUNBUFFERED: '1' };
  const ended = await runner.run(name, python, [script, options], { limit, reserve, least: 8, env, optional: true });
  runner.results.peers ??= [];
  for (const line of ended.stdout?.split('\n').filter((text) => text.startsWith('{')) ?? []) {
    runner.results.peers.push(JSON.parse(line));
  }
}

/** @returns whether there is a checkpoint to look at */
async function train({ runner, device, dryRun, sizes, from, epochs }, shared, viewsPerSecond) {
  const cudnn = device === 'cpu' ? 'deterministic' : 'benchmark';
  const seconds = dryRun ? 30 : Math.max(LEAST_TRAINING, runner.left() - EVALUATION - HOME - PEERS);
  const options = { ...shared, cudnn, sizes: sizes.train, seconds, viewsPerSecond, from, epochs };
  const limit = seconds + 15; // it ends by itself, at a checkpoint
  const { status, result } = await runner.part('training', 'train', 'train', options, { limit });
  return status === 'ok' || (result?.course.length ?? 0) > 0;
}

/** By the product's own commands, at the same time. */
async function evaluate({ runner, device, sizes }, data) {
  const run = join(runner.work, 'runs', 'train');
  const common = ['--data', data, '--weights', run, '--device', device, '--precision', 'float32', '--json'];
  const task = (name, command, flags) => async () => {
    const options = { limit: EVALUATION, reserve: HOME };
    const { status, stdout } = await runner.run(name, ...cli(command, [...common, ...flags]), options);
    if (status === 'ok') runner.results[name] = JSON.parse(stdout.trim().split('\n').at(-1));
  };
  await Runner.atOnce(sizes.atOnce, [
    ...sizes.train.k.map((k) => task(`kNN ${k}`, 'knn', ['--k', k, '--knn-temperature', 0.1])),
    task('probe', 'probe', ['--iterations', 300]),
  ]);
  const epochs = runner.results.training?.result?.epochs ?? runner.results.training?.course.length ?? 0;
  runner.results.published = { nearest: epochs > 0 ? nearest(epochs) : null, all: PUBLISHED };
  runner.write();
}

/** Everything that does not fit into a few files stays behind, least important last. */
async function bringHome({ runner, out }) {
  const run = join(runner.work, 'runs', 'train');
  const options = { run, out, files: 6, mebibytes: 15, total: 60 }; // beside b.json and log.txt
  await runner.part('state', 'state', 'save', options, { limit: 40 });
}

/** One line a network: ours, its share of the peak, PyTorch's. */
function table({ peaks, peers = [], ...results }) {
  const peer = (model, how) =>
    peers.find((line) => line.model === model && line.contender === how)?.viewsPerSecond ?? null;
  return Object.entries(results)
    .filter(([name]) => name.startsWith('network '))
    .map(([, { model, viewsPerSecond, flopsPerSecond, msPerStep, hostMs, peakMemory }]) => ({
      ...{ model, viewsPerSecond, msPerStep, hostMs, peakMemory },
      ofPeak: peaks?.product?.bfloat16 ? flopsPerSecond / peaks.product.bfloat16 : null,
      eager: peer(model, 'eager'),
      compiled: peer(model, 'compiled'),
    }));
}

/** @returns { name: passed } of all that B checks; null where it was not found out */
export function checksOfB(results) {
  const { training, published } = results;
  const [small, large] = Object.keys(results).filter((name) => name.startsWith('kNN '));
  const accuracy = (name) => results[name]?.metrics?.accuracy ?? null;
  const classes = 10;
  return {
    'the loss fell':
      training?.course?.length > 1 ? training.course.at(-1).epochLoss < training.course[0].epochLoss : null,
    'the training ended in time': training === undefined ? null : training.result !== undefined,
    'kNN is better than chance':
      accuracy(small) === null ? null : accuracy(small) > 1.5 / classes && accuracy(large) > 1.5 / classes,
    'kNN is within 3 points of the published figure':
      published?.nearest && accuracy(small) !== null && !results.dryRun
        ? 100 * accuracy(small) > published.nearest.knn - 3
        : null,
  };
}
