/**
 * @file Twenty steps of the real `twoview pretrain`: twice as a whole, and once killed in the middle and resumed. All three must end
 * with the same bytes; the second whole run tells whether a difference is one of resuming.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from './cli.mjs';
import { readTensors } from './safetensors.mjs';

const LAST = ['checkpoints', 'last.safetensors'];

/** @returns tasks that can run at the same time, and a function that compares when all are done */
export function resumeTasks(runner, { device, data, model, sizes, limits }) {
  const { batchSize, limit, killAfter } = sizes;
  const settings = [
    ...['--data', data, '--model', model, '--device', device, '--precision', 'bfloat16', '--epochs', '2'],
    ...['--batch-size', batchSize, '--limit', limit, '--held-out', 0, '--warmup-epochs', 0.5],
  ];
  const folder = (name) => join(runner.work, 'runs', name);
  const run = (name, folderName, flags, options) =>
    runner.run(name, ...cli('pretrain', [...settings, '--out', folder(folderName), ...flags]), {
      ...limits,
      ...options,
    });
  for (const name of ['whole', 'again', 'cut']) rmSync(folder(name), { recursive: true, force: true });
  const result = {};
  let resumed = false;
  const cut = async () => {
    const kill = (child) => {
      const look = setInterval(() => {
        const steps = stepsOf(folder('cut'));
        if (child.exitCode !== null || child.signalCode !== null) clearInterval(look);
        else if (steps >= killAfter && existsSync(join(folder('cut'), ...LAST))) {
          result.killedAfter = steps;
          child.kill('SIGKILL');
          clearInterval(look);
        }
      }, 5);
    };
    const wanted = (_, signal) => signal === 'SIGKILL';
    const killed = await run('pretrain, killed', 'cut', ['--checkpoint-minutes', 0], { onChild: kill, wanted });
    if (killed.status !== 'ok') return;
    const { status } = await run('pretrain, resumed', 'cut', ['--resume']);
    resumed = status === 'ok';
  };
  const compare = () => {
    for (const [name, a, b] of [
      ['whole twice', 'whole', 'again'],
      ['whole and resumed', 'whole', 'cut'],
    ]) {
      result[name] = b === 'cut' && !resumed ? null : compareRuns(folder(a), folder(b));
    }
    return result;
  };
  return {
    tasks: [() => run('pretrain, whole', 'whole', []), () => run('pretrain, whole again', 'again', []), cut],
    compare,
  };
}

function stepsOf(folder) {
  try {
    return readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"lr"')).length;
  } catch {
    return 0;
  }
}

/** @returns null, or { checkpoint: same bytes?, metrics: same bytes?, steps, tensors: those that differ, with the largest difference } */
function compareRuns(a, b) {
  if (![a, b].every((folder) => existsSync(join(folder, ...LAST)))) return null; // one did not run
  try {
    const read = (folder, ...names) => readFileSync(join(folder, ...names));
    const [one, other] = [read(a, ...LAST), read(b, ...LAST)];
    const [metrics, others] = [read(a, 'metrics.jsonl'), read(b, 'metrics.jsonl')];
    const same = one.equals(other);
    return {
      checkpoint: same,
      metrics: metrics.equals(others),
      steps: [stepsOf(a), stepsOf(b)],
      bytes: one.length,
      ...(!same && differences(join(a, ...LAST), join(b, ...LAST))),
      ...(!metrics.equals(others) && { firstOther: firstOther(metrics, others) }),
    };
  } catch (error) {
    return { checkpoint: false, metrics: false, error: error.message };
  }
}

function firstOther(a, b) {
  const [one, other] = [a, b].map((text) => text.toString().split('\n'));
  const i = one.findIndex((line, at) => line !== other[at]);
  return [one[i] ?? null, other[i] ?? null];
}

function differences(a, b) {
  const [one, other] = [readTensors(a), readTensors(b)];
  const different = [];
  for (const [name, { dtype, bytes }] of Object.entries(one.tensors)) {
    const theirs = other.tensors[name]?.bytes;
    if (theirs !== undefined && bytes.equals(theirs)) continue;
    different.push({ name, largest: theirs === undefined || dtype !== 'F32' ? null : largest(bytes, theirs) });
  }
  const metadata = JSON.stringify(one.metadata) === JSON.stringify(other.metadata);
  return {
    metadata: metadata || [one.metadata, other.metadata],
    different: different.length,
    tensors: different.slice(0, 12),
  };
}

function largest(a, b) {
  const floats = (bytes) => new Float32Array(Uint8Array.from(bytes).buffer);
  const [one, other] = [floats(a), floats(b)];
  return one.reduce((most, x, i) => Math.max(most, Math.abs(x - other[i])), 0);
}

/** @param resume what `compare` gave @returns { name: passed }, null where it was not found out */
export function checksOfResuming(resume) {
  const same = (runs) => (runs ? runs.checkpoint && runs.metrics : null);
  return {
    'two whole runs end with the same bytes': same(resume?.['whole twice']),
    'a run that was killed ends with the same bytes': same(resume?.['whole and resumed']),
  };
}
