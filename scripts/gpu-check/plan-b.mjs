/** @file B, eight and a half minutes: how fast are the networks, beside PyTorch, and what does a real training reach? */
import { join } from 'node:path';
import { cli } from './cli.mjs';
import { measurePeer } from './peer.mjs';
import { nearest, PUBLISHED } from './published.mjs';
import { makeReady } from './ready.mjs';
import { checksOfResuming, resumeTasks } from './resume.mjs';
import { Runner } from './runner.mjs';

const PRECISION = 'bfloat16';
/** Seconds kept free while something less important runs; what is not needed goes to PyTorch's speeds, which come last. */
const EVALUATION = 40;
const HOME = 10;
/** Of all seconds: 55 of 505. */
const PEERS = 0.11;
/** Of all seconds, the training's at least: speeds that are measured before it must leave that much. */
const TRAINING = 0.55;
const RESUMING = 16;
/** The training may take so much longer than planned, at the cost of PyTorch's speeds, before it is stopped. */
const SLACK = 20;
/** Seconds a network may take: cuDNN tries its algorithms on each of ReXNet's many shapes. */
const NETWORK = 60;
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
  const [first, ...others] = sizes.networks.models;
  const reserve = EVALUATION + HOME + RESUMING + (PEERS + TRAINING) * runner.seconds;
  await network(check, first, 0);
  for (const model of others) await network(check, model, reserve);
  const peer = (model, how, limits) => measurePeer(runner, { ...check, sizes: sizes.peer }, model, how, limits);
  await peer('resnet18', 'eager', { limit: 20, reserve });
  if (await train(check, shared, speed.result?.viewsPerSecond ?? GUESS)) {
    await evaluate(check, data);
    await bringHome(check);
  }
  await resume(check, data);
  if (sizes.peer.compile) await peer('resnet18', 'compiled', { limit: 60, reserve: 3 });
  for (const model of ['resnet50', 'resnet34']) await peer(model, 'eager', { limit: 30, reserve: 3 });
  for (const model of others) {
    if (runner.results.parts[`network ${model}`]?.status === 'skipped') await network(check, model, 3);
  }
  await peer('rexnet_150', 'eager', { limit: NETWORK, reserve: 3 });
  runner.results.table = table(runner.results);
}

function network({ runner, device, sizes }, model, reserve) {
  const options = { device, model, precision: PRECISION, sizes: sizes.networks };
  return runner.part(`network ${model}`, 'networks', 'measureNetwork', options, {
    limit: NETWORK,
    reserve,
    least: model.startsWith('rexnet') ? NETWORK / 2 : 8,
  });
}

/** @returns whether there is a checkpoint to look at */
async function train({ runner, device, python, dryRun, sizes, from, epochs }, shared, viewsPerSecond) {
  const cudnn = device === 'cpu' ? 'deterministic' : 'benchmark';
  const later = EVALUATION + HOME + RESUMING + PEERS * runner.seconds;
  const seconds = dryRun ? 30 : Math.max(LEAST_TRAINING, runner.left() - later);
  const options = { ...shared, cudnn, sizes: sizes.train, seconds, slack: SLACK, viewsPerSecond, from, epochs };
  const limit = seconds + SLACK + 15; // it ends by itself, at a checkpoint
  const training = runner.part('training', 'train', 'train', options, { limit });
  // What torch.compile makes is kept on the disk; made now, on cores that the training leaves alone, it costs no time later.
  const peer = { device, python, sizes: { ...sizes.peer, seconds: 0 } };
  const compiling = sizes.peer.compile ? measurePeer(runner, peer, 'resnet18', 'compiled', { limit: 120 }) : null;
  const { status, result } = await training;
  await compiling;
  return status === 'ok' || (result?.course.length ?? 0) > 0;
}

/** By the product's own commands, at the same time. */
async function evaluate({ runner, device, sizes }, data) {
  const run = join(runner.work, 'runs', 'train');
  const common = ['--data', data, '--weights', run, '--device', device, '--precision', 'float32', '--json'];
  const task = (name, command, flags) => async () => {
    const options = { limit: EVALUATION, reserve: HOME };
    const { status, stdout } = await runner.run(name, ...cli(command, [...common, ...flags]), options);
    const line = stdout?.trim().split('\n').at(-1) ?? '';
    if (status !== 'skipped' && line.startsWith('{')) runner.results[name] = JSON.parse(line);
  };
  const [few, many] = sizes.train.k;
  await Runner.atOnce(sizes.atOnce, [
    task('kNN few', 'knn', ['--k', few, '--no-weighted']), // as dkobak/simclr-cifar10 counts
    task('kNN many', 'knn', ['--k', many, '--knn-temperature', 0.1]), // as lightly does
    task('probe', 'probe', ['--iterations', 1000]),
  ]);
  const epochs = runner.results.training?.result?.epochs ?? runner.results.training?.course.length ?? 0;
  runner.results.published = { nearest: epochs > 0 ? nearest(epochs) : null, all: PUBLISHED };
  runner.write();
}

/** The kernels of ours have no other check of their bits, and A may not have been run with them. */
async function resume({ runner, device, sizes }, data) {
  const limits = { limit: 40, reserve: 3 };
  const resumed = resumeTasks(runner, { device, data, model: sizes.model, sizes: sizes.resume, limits });
  await Runner.atOnce(sizes.atOnce, resumed.tasks);
  runner.results.resume = resumed.compare();
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
export function checksOfB({ training, published, dryRun, resume, 'kNN few': few, 'kNN many': many }) {
  const course = training?.course ?? [];
  const chance = ({ metrics: { count, accuracy, perClass } }) =>
    accuracy > 1 / perClass.length + 4 * Math.sqrt(1 / perClass.length / count);
  const near = published?.nearest;
  return {
    'the loss is below chance': course.length > 0 ? course.at(-1).epochLoss < course.at(-1).chance : null,
    ...checksOfResuming(resume),
    'the training ended in time': training === undefined ? null : training.result !== undefined,
    'kNN is better than chance': few && many ? chance(few) && chance(many) : null,
    'kNN is within 3 points of the published figure':
      near && few && !dryRun ? 100 * (near.k === 10 ? few : many).metrics.accuracy > near.knn - 3 : null,
  };
}
