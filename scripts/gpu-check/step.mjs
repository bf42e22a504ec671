/** @file The first thing that runs on a GPU: load, ask what it is, one step of SimCLR in float32, one under bfloat16 autocast. */
import { readFileSync } from 'node:fs';
import { simclrStep } from './network.mjs';
import { openImages, torch } from './parts.mjs';

/** @returns { ready, gpu, versions, steps: { float32: { loss, seconds, again } }, loaded } */
export async function firstSteps({ device, sizes, data }, report) {
  const gpu = device !== 'cpu';
  const began = performance.now();
  await torch.load();
  const { version, cpuCapability, config } = torch.buildInfo();
  const result = {
    ready: false,
    versions: { node: process.version, torch: version, cpuCapability, config },
    loadSeconds: (performance.now() - began) / 1000,
    steps: {},
  };
  if (gpu) {
    result.gpu = {
      ...torch.cuda.properties(device),
      count: torch.cuda.deviceCount(),
      memory: torch.cuda.memory(device),
    };
  }
  result.ready = true;
  report(result);
  const set = await openImages(data);
  const timed = (precision) => {
    const start = performance.now();
    const { loss, gradient } = simclrStep(
      { device, dtype: 'float32' },
      sizes.model,
      set.train.images,
      sizes.compared.images,
      precision,
    );
    return { loss: loss.item(), gradientNorm: gradient.norm().item(), seconds: (performance.now() - start) / 1000 };
  };
  for (const precision of ['float32', 'bfloat16']) {
    result.steps[precision] = torch.scope(() => ({ ...timed(precision), again: timed(precision) }));
    console.log(precision, JSON.stringify(result.steps[precision]));
    report(result);
  }
  if (gpu) result.memoryAfter = torch.cuda.memory(device);
  result.loaded = loadedLibraries();
  return result;
}

/** Shared libraries of NVIDIA and torch in this process: which of the copies on the machine are really used. */
function loadedLibraries() {
  const paths = readFileSync('/proc/self/maps', 'utf8').matchAll(
    /\s(\/\S+(?:cuda|cudnn|cublas|nvrtc|nvJitLink|nvidia|torch|c10)\S*\.so\S*)$/gm,
  );
  return [...new Set(Array.from(paths, ([, path]) => path))].sort();
}
