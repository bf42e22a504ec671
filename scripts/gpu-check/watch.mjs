/** @file What the product's step does beside computing: how often it waits for the GPU, and whether memory stays flat. */
import { torch } from './parts.mjs';
import { pretrainWhile } from './pretraining.mjs';

/** Between these lines on stderr CUDA warns of each synchronisation. */
export const MARKS = ['synchronisations are counted from here', 'synchronisations are counted to here'];

/** Runs some steps in which CUDA warns on stderr of each synchronisation; whoever started this process counts. */
export async function warnOfSynchronisations({ device, work, data, model, precision, sizes }) {
  const { batchSize, warmup, steps } = sizes;
  await torch.load();
  const available = device !== 'cpu' && typeof torch.cuda.setSyncDebugMode === 'function';
  const mode = (name, mark) => {
    if (available) torch.cuda.setSyncDebugMode(name);
    process.stderr.write(`${MARKS[mark]}\n`);
  };
  const result = { available, steps, firstStack: null };
  const onStep = (step) => {
    if (step === warmup) mode('warn', 0);
    if (step < warmup + steps) return true;
    if (step === warmup + steps) mode('error', 1);
    else if (available) torch.cuda.setSyncDebugMode('off');
    return step === warmup + steps && available; // one step more, in which the first synchronisation throws
  };
  try {
    await pretrainWhile({ device, work, name: 'synchronisations', data, model, batchSize, precision }, onStep);
  } catch (error) {
    if (!available) throw error;
    torch.cuda.setSyncDebugMode('off');
    result.firstStack = String(error?.stack ?? error)
      .split('\n')
      .slice(0, 16);
  }
  return result;
}

/** @returns { available, steps, perStep, kinds } of what the process above wrote */
export function countSynchronisations({ result, stderr }) {
  const [, after] = stderr.split(MARKS[0]);
  if (!result?.available || after === undefined) return { available: false, perStep: null };
  const lines = after
    .split(MARKS[1])[0]
    .split('\n')
    .filter((line) => /synchroniz/i.test(line));
  const { steps, firstStack } = result;
  return { available: true, steps, perStep: lines.length / steps, examples: lines.slice(0, 3), firstStack };
}

/** Memory of the GPU and of the process every few steps. @returns { samples, grown: { allocated, reserved, rss }, flat } */
export async function watchMemory({ device, work, data, model, precision, sizes }, report) {
  const { batchSize, steps, every, settled } = sizes;
  const samples = [];
  const known = () => {
    const from = samples.find(({ step }) => step >= settled);
    if (from === undefined) return { samples };
    const to = samples.at(-1);
    const keys = ['allocated', 'reserved', 'rss'].filter((key) => key in to);
    const grown = Object.fromEntries(keys.map((key) => [key, to[key] - from[key]]));
    // The allocator of the GPU counts exactly; the collector of Node decides when a tensor goes, so a few are allowed.
    const flat = (grown.allocated ?? 0) < 64 << 20 && (grown.reserved ?? 0) < 256 << 20 && grown.rss < 256 << 20;
    return { samples, grown, flat: to.step > from.step ? flat : null };
  };
  await pretrainWhile({ device, work, name: 'memory', data, model, batchSize, precision }, (step) => {
    if (step % every === 0) {
      const { rss, heapUsed, external } = process.memoryUsage();
      const gpu = device === 'cpu' ? {} : torch.cuda.memory(device);
      samples.push({ step, rss, heapUsed, external, ...gpu });
      report(known());
    }
    return step < steps;
  });
  return known();
}
