/** @file A network's bare training step (encoder, head, loss, optimizer) on views that lie on the device. */
import { multiplyAdds, torch } from './parts.mjs';
import { makePhases } from './phases.mjs';

const BARE = ['encoder', 'projection head', 'loss', 'backward', 'optimizer'];
/** A backward pass computes a gradient of the input and one of the weights, each as much work as the forward pass. */
const PASSES = 3;
const SIZE = 32;

/**
 * @returns { model, batchSize, precision, steps, viewsPerSecond, msPerStep, hostMs, flopsPerSecond, peakMemory } hostMs is what the host
 *   needs to ask for a step
 */
export async function measureNetwork({ device, model, precision, ownKernels = true, sizes }) {
  const { batchSize, warmup, seconds } = sizes;
  const gpu = device !== 'cpu';
  await torch.load();
  if (gpu) torch.cuda.configure({ benchmark: true, deterministic: false, ownKernels });
  const images = torch.zeros([1, 3, SIZE, SIZE], { dtype: 'uint8' }); // none are looked at
  const { phases, state, encoder } = makePhases({ device, model, precision, batchSize, images });
  const views = torch.randn([2 * batchSize, 3, SIZE, SIZE], { device }).contiguous({ memoryFormat: 'channels_last' });
  const step = () => {
    const began = performance.now();
    return torch.scope(() => {
      state.views = views;
      for (const name of BARE) phases[name]();
      const asked = performance.now() - began;
      state.loss.item(); // as PyTorch's step beside it: waits for the GPU
      return asked;
    });
  };
  for (let i = 0; i < warmup; i++) step();
  if (gpu) torch.cuda.resetPeakMemory(device);
  const start = performance.now();
  let [steps, host] = [0, 0];
  while (performance.now() - start < 1000 * seconds) {
    host += step();
    steps++;
  }
  const took = (performance.now() - start) / 1000;
  const peakMemory = gpu ? torch.cuda.memory(device).peakAllocated : null;
  encoder.to({ device: 'cpu' });
  const flopsPerStep = 2 * multiplyAdds(encoder, SIZE) * 2 * batchSize * PASSES;
  const line = {
    ...{ model, batchSize, precision, ownKernels, steps, viewsPerSecond: (2 * batchSize * steps) / took },
    ...{ msPerStep: (1000 * took) / steps, hostMs: host / steps },
    ...{ flopsPerSecond: (flopsPerStep * steps) / took, peakMemory },
  };
  console.log(JSON.stringify(line));
  return line;
}
