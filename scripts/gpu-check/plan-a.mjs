/** @file A, three minutes: does it build, does it compute what the CPU computes, does it resume, and where does its time go? */
import { pieceLists } from './compare.mjs';
import { makeReady } from './ready.mjs';
import { resumeTasks } from './resume.mjs';
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

/** Seconds for what measures time, which comes after the rest. */
const TIMED = 60;

/** All that needs no quiet machine, at the same time. */
async function correct(check, data) {
  const { runner, device, sizes, pack, cores } = check;
  const { model } = sizes;
  const shared = { device, work: runner.work, data, model, precision: 'bfloat16' };
  const resumed = resumeTasks(runner, { device, data, model, sizes: sizes.resume, reserve: TIMED });
  const comparisons = [];
  runner.results.comparisons = comparisons;
  const threads = Math.max(1, Math.floor(cores / 4));
  await Runner.atOnce(sizes.atOnce, [
    ...pieceLists().map((names, i) => () => compareList({ ...check, data, threads, comparisons }, names, i)),
    ...resumed.tasks,
    async () => {
      const watched = await runner.part(
        'synchronisations',
        'watch',
        'warnOfSynchronisations',
        {
          ...shared,
          sizes: sizes.syncs,
        },
        { reserve: TIMED },
      );
      runner.results.synchronisations = countSynchronisations(watched);
    },
    () =>
      runner.part('memory', 'watch', 'watchMemory', { ...shared, sizes: sizes.memory }, { limit: 50, reserve: TIMED }),
    () => runner.part('pixels', 'pixels', 'comparePixels', { pack, data }, { reserve: TIMED }),
  ]);
  runner.results.resume = resumed.compare();
  runner.write();
}

/** Goes on in a fresh process after a piece that threw, crashed or hung. */
async function compareList({ runner, device, sizes, data, threads, comparisons }, names, list) {
  for (let waiting = names, attempt = 0; waiting.length > 0; attempt++) {
    const options = { device, sizes, names: waiting, data, threads };
    const name = `compare ${list + 1}${attempt === 0 ? '' : `, try ${attempt + 1}`}`;
    const { status, result, stderr } = await runner.part(name, 'compare', 'comparePieces', options, {
      limit: 50,
      keep: false,
      reserve: TIMED,
    });
    comparisons.push(...(result?.lines ?? []));
    if (status === 'ok') return;
    const broken = result?.begun ?? waiting[0];
    comparisons.push({ piece: broken, passed: false, status, message: stderr.slice(-1500) });
    const done = new Set([...(result?.done ?? []), broken]);
    waiting = waiting.filter((piece) => !done.has(piece));
    if (status === 'skipped') return;
  }
}

/** All that measures time, one after the other. */
async function timed({ runner, device, sizes }, data) {
  const shared = { device, work: runner.work, data, model: sizes.model, precision: 'bfloat16' };
  const speed = (cudnn) =>
    runner.part(`speed ${cudnn}`, 'speed', 'measureSpeed', { ...shared, cudnn, sizes: sizes.speed });
  await speed('benchmark');
  await runner.part('breakdown', 'breakdown', 'breakDown', { ...shared, sizes: sizes.breakdown });
  if (device !== 'cpu') await speed('deterministic');
  await runner.part('peaks', 'peaks', 'measurePeaks', { device, sizes: sizes.peaks }, { limit: 30 });
}

/** @returns { name: passed } of all that A checks; null where it was not found out */
export function checksOfA({ step, comparisons, resume, memory, pixels }) {
  const same = (runs) => (runs === undefined ? null : runs.checkpoint && runs.metrics);
  return {
    'both precisions compute':
      step === undefined ? null : Object.values(step.steps).every(({ loss }) => Number.isFinite(loss)),
    'comparisons hold':
      comparisons === undefined ? null : comparisons.length > 0 && comparisons.every(({ passed }) => passed),
    'two whole runs end with the same bytes': same(resume?.['whole twice']),
    'a run that was killed ends with the same bytes': same(resume?.['whole and resumed']),
    'memory stays flat': memory?.flat ?? null,
    'Pillow decodes what twoview decodes': pixels?.same ?? null,
  };
}
