/** @file A, three minutes: does it build, does it compute what the CPU computes, does it resume, and where does its time go? */
import { pieceLists } from './compare.mjs';
import { measurePeer } from './peer.mjs';
import { makeReady } from './ready.mjs';
import { checksOfResuming, resumeTasks } from './resume.mjs';
import { Runner } from './runner.mjs';
import { countSynchronisations } from './watch.mjs';

export async function planA(check) {
  const { runner, device, sizes } = check;
  const { built, data } = await makeReady(check);
  if (!built || data === null)
    return runner.skip('all that follows', built ? 'there are no images' : 'the addon was not built');
  const first = await runner.part('step', 'step', 'firstSteps', { device, sizes, data }, { limit: 60 });
  if (!first.result?.ready) return runner.skip('all that follows', 'the device cannot be used');
  await correct(check, data);
  await timed(check, data);
}

/** Of all seconds, for what measures time, which comes after the rest: 60 of 170. */
const TIMED = 0.35;
const PRECISION = 'bfloat16';

/** All that needs no quiet machine, at the same time. */
async function correct(check, data) {
  const { runner, device, sizes, pack } = check;
  const { model } = sizes;
  const limits = { limit: 50, reserve: TIMED * runner.seconds };
  const part = (name, file, fn, size) => {
    const options = { device, work: runner.work, data, model, precision: PRECISION, sizes: size };
    return runner.part(name, file, fn, options, limits);
  };
  const resumed = resumeTasks(runner, { device, data, model, sizes: sizes.resume, limits });
  const comparisons = [];
  runner.results.comparisons = comparisons;
  const countedSteps = async () => {
    const watched = await part('synchronisations', 'watch', 'warnOfSynchronisations', sizes.syncs);
    runner.results.synchronisations = countSynchronisations(watched);
  };
  await Runner.atOnce(sharesGpu(runner) ? sizes.atOnce : 1, [
    ...pieceLists().map((names, i) => () => compareList(check, { names, list: i + 1, data, comparisons, limits })),
    ...resumed.tasks,
    countedSteps,
    () => part('memory', 'watch', 'watchMemory', sizes.memory),
    () => runner.part('pixels', 'pixels', 'comparePixels', { pack, data }, limits),
  ]);
  runner.results.resume = resumed.compare();
  runner.write();
}

/** Several processes can use a GPU at once, unless it is set to exclusive mode. */
const sharesGpu = ({ results }) =>
  !(results.machine?.said?.['nvidia-smi -q'] ?? []).some((line) =>
    /Compute Mode\s*: *(Exclusive|Prohibited)/.test(line),
  );

/** Goes on in a fresh process after a piece that threw, crashed or hung. */
async function compareList({ runner, device, sizes, cores }, { names, list, data, comparisons, limits }) {
  const threads = Math.max(1, Math.floor(cores / 4));
  for (let waiting = names, attempt = 1; waiting.length > 0; attempt++) {
    const options = { device, sizes, names: waiting, data, threads };
    const name = `compare ${list}${attempt === 1 ? '' : `, try ${attempt}`}`;
    const ended = await runner.part(name, 'compare', 'comparePieces', options, { ...limits, keep: false });
    const { status, result, stderr } = ended;
    comparisons.push(...(result?.lines ?? []));
    if (status === 'ok') return;
    if (status === 'skipped') {
      comparisons.push(...waiting.map((piece) => ({ piece, passed: null, status })));
      return;
    }
    const broken = result?.begun ?? waiting[0];
    comparisons.push({ piece: broken, passed: false, status, message: stderr.slice(-1500) });
    waiting = waiting.filter((piece) => piece !== broken && !result?.done.includes(piece));
  }
}

/** All that measures time, one after the other, the most important first. */
async function timed({ runner, device, sizes, python }, data) {
  const { model } = sizes;
  const shared = { device, work: runner.work, data, model, precision: PRECISION };
  const limits = { limit: 40 };
  const part = (name, file, fn, options) => runner.part(name, file, fn, { ...shared, ...options }, limits);
  await part('speed benchmark', 'speed', 'measureSpeed', { cudnn: 'benchmark', sizes: sizes.speed });
  await part('breakdown', 'breakdown', 'breakDown', { sizes: sizes.breakdown });
  for (const one of sizes.compareKernels) {
    for (const ownKernels of [true, false]) {
      const name = `network ${one}${ownKernels ? '' : ', kernels of libtorch'}`;
      await part(name, 'networks', 'measureNetwork', { model: one, ownKernels, sizes: sizes.networks });
    }
  }
  if (device !== 'cpu') {
    await part('speed deterministic', 'speed', 'measureSpeed', { cudnn: 'deterministic', sizes: sizes.speed });
  }
  await part('peaks', 'peaks', 'measurePeaks', { sizes: sizes.peaks });
  await measurePeer(runner, { device, python, sizes: { ...sizes.peer, profile: true } }, 'resnet18', 'eager', {
    limit: 30,
  });
}

/** @returns { name: passed } of all that A checks; null where it was not found out */
export function checksOfA({ step, comparisons, resume, memory, pixels }) {
  const all = (answers) =>
    answers.includes(false) ? false : answers.length === 0 || answers.includes(null) ? null : true;
  return {
    'both precisions compute':
      step === undefined ? null : Object.values(step.steps).every(({ loss }) => Number.isFinite(loss)),
    'comparisons hold': all((comparisons ?? []).map(({ passed }) => passed)),
    ...checksOfResuming(resume),
    'memory stays flat': memory?.flat ?? null,
    'Pillow decodes what twoview decodes': pixels?.same ?? null,
  };
}
