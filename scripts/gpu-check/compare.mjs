/**
 * @file Every piece three times: in double precision on the CPU, which is what it is held against, in single precision on the
 * CPU, and on the device. The error is relative to the largest number of the tensor; a gradient over a whole network is
 * measured by its direction and length instead.
 */
import {
  batchNorm,
  batchNormThen,
  convolution,
  healthFigures,
  linear,
  neighbours,
  ntXentLoss,
  optimizerSteps,
} from './layers.mjs';
import { simclrStep, trainingViews, views } from './network.mjs';
import { openImages, torch } from './parts.mjs';

/**
 * One float32 step is 6e-8 of a number. Sums of a few hundred products lose ten to a hundred steps, the order of the sum
 * being free: 1e-5 holds that with room, and a wrong formula misses it by far.
 */
const SUMS = 1e-5;
/**
 * Twenty layers on top of each other, each with the statistics of its batch. The CPU's own errors with ResNet-18 and 32
 * images are 2e-8, 4e-6 and 7e-3: a sum near 0 that falls to the other side of a ReLU moves the gradient, not the output.
 */
const DEEP = { loss: 1e-5, representation: 1e-4, gradient: 5e-2 };
/** bfloat16 keeps 8 bits. The CPU's own errors there are 4e-4, 1.4e-2 and 0.41; a gradient that is wrong is off by 1 or more. */
const HALF = { loss: 1e-2, representation: 5e-2, gradient: 0.8 };
/** A pixel that lies on the border between two hues may fall to either side, so views are compared by their mean error. */
const VIEWS = 1e-4;

const largest = (a, b) => a.sub(b).abs().max().item() / Math.max(b.abs().max().item(), 1e-30);
const average = (a, b) => a.sub(b).abs().mean().item() / Math.max(b.abs().mean().item(), 1e-30);
/** ||a - b|| / ||b|| */
const length = (a, b) => a.sub(b).norm().item() / Math.max(b.norm().item(), 1e-30);

/** @returns {{ name: string, tolerance: number | Record<string, number>, measure?: typeof largest, run: (place: object) => object }[]} */
function pieces({ model, compared, knn }, images) {
  const count = compared.images;
  const step = (precision) => (place) =>
    simclrStep(place, model, images, count, place.dtype === 'float64' ? 'float32' : precision);
  return [
    { name: 'convolution', tolerance: SUMS, run: convolution },
    { name: 'batch norm', tolerance: SUMS, run: batchNorm },
    { name: 'batch norm, ReLU', tolerance: SUMS, run: batchNormThen('relu', false) },
    { name: 'batch norm, sum, ReLU', tolerance: SUMS, run: batchNormThen('relu', true) },
    { name: 'batch norm, SiLU', tolerance: SUMS, run: batchNormThen('silu', false) },
    { name: 'linear', tolerance: SUMS, run: linear },
    {
      name: 'views with fixed parameters',
      tolerance: VIEWS,
      measure: average,
      run: (p) => ({ views: views(p, images, count) }),
    },
    {
      name: 'views of training',
      tolerance: VIEWS,
      measure: average,
      run: ({ device }) => {
        const indices = torch.arange(count, { device });
        return { views: trainingViews(images.narrow(0, 0, count).to(device), indices, { seed: 1, step: 0 }) };
      },
    },
    { name: 'NT-Xent, temperature 0.1', tolerance: SUMS, run: ntXentLoss },
    { name: 'alignment, uniformity, effective rank', tolerance: SUMS, run: healthFigures },
    { name: 'kNN', tolerance: 1e-3, run: (place) => neighbours(place, knn) },
    ...['sgd', 'lars', 'adam', 'adamw'].map((name) => ({
      name: `three steps of ${name}`,
      tolerance: SUMS,
      run: (place) => optimizerSteps(name, place),
    })),
    { name: 'SimCLR step, float32', tolerance: DEEP, measure: length, run: step('float32') },
    { name: 'SimCLR step, bfloat16 autocast', tolerance: HALF, measure: length, run: step('bfloat16') },
  ];
}

const on = (place, run) =>
  torch.scope(() =>
    Object.fromEntries(
      Object.entries(run(place)).map(([key, x]) => [key, x.detach().to({ device: 'cpu', dtype: 'float64' })]),
    ),
  );

/** Names of all pieces, in lists for a process each: those of a whole network take long on the CPU. */
export function pieceLists() {
  const names = pieces({ compared: {}, knn: {} }, null).map(({ name }) => name);
  const large = names.filter((name) => name.startsWith('SimCLR'));
  const small = names.filter((name) => !large.includes(name));
  return [...large.map((name) => [name]), small.filter((_, i) => i % 2 === 0), small.filter((_, i) => i % 2 === 1)];
}

/**
 * Compares the named pieces. It ends at the first one that throws: an error of CUDA would stick to the process.
 *
 * @returns {{ begun: string, done: string[], lines: { piece, tensor, tolerance, error, errorOnCpu, passed }[] }} begun is the piece
 *   that was being compared when a process ended
 */
export async function comparePieces({ device, sizes, names, data, threads }, report) {
  await torch.load({ threads });
  const set = await openImages(data);
  if (device !== 'cpu') torch.cuda.configure({ tf32Convolutions: false }); // ten bits would hide what is looked for
  const result = { begun: null, done: [], lines: [] };
  for (const piece of pieces(sizes, set.train.images).filter(({ name }) => names.includes(name))) {
    result.begun = piece.name;
    report(result);
    result.lines.push(...compareOne(piece, device));
    result.done.push(piece.name);
    report(result);
  }
  return result;
}

function compareOne({ name, tolerance, measure = largest, run }, device) {
  return torch.scope(() => {
    const exact = on({ device: 'cpu', dtype: 'float64' }, run);
    const cpu = on({ device: 'cpu', dtype: 'float32' }, run);
    const there = on({ device, dtype: 'float32' }, run);
    return Object.keys(exact).map((tensor) => {
      const error = measure(there[tensor], exact[tensor]);
      const errorOnCpu = measure(cpu[tensor], exact[tensor]);
      const limit = typeof tolerance === 'number' ? tolerance : tolerance[tensor];
      const passed = error <= limit; // NaN fails
      console.log(
        `${passed ? 'ok    ' : 'FAILED'} ${name}: ${tensor}  ${error.toExponential(1)} (CPU ${errorOnCpu.toExponential(1)}, at most ${limit})`,
      );
      return { piece: name, tensor, tolerance: limit, error, errorOnCpu, passed };
    });
  });
}
