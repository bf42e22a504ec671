/** @file Views per second of SimCLR's whole step (gather, views, network, loss, optimiser), in each precision. */
import {
  applyViews,
  compute,
  createModel,
  createOptimizer,
  ntXent,
  projectionHead,
  sampleViews,
  torch,
} from './parts.mjs';
import { VIEWS } from './sizes.mjs';

const NORMALISATION = { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };
/** The defaults of pretrain: no blur. */
const DRAWN = { ...VIEWS, blur: 0 };

/** @returns a function that does one step and tells how many seconds of it went into the views */
function stepper(device, precision, model, batch, images) {
  const encoder = createModel(model, { numClasses: 0 });
  const head = projectionHead(encoder.featureSize);
  encoder.to({ device, memoryFormat: 'channels_last' });
  head.to({ device });
  const named = [...encoder.namedParameters(), ...Array.from(head.namedParameters(), ([n, t]) => [`head.${n}`, t])];
  const settings = { optimizer: 'sgd', momentum: 0.9, weightDecay: 5e-4 };
  const optimizer = createOptimizer(torch.optim.decayGroups(named, 5e-4), settings, 0.01);
  const { run } = compute(device, precision);
  const generator = new torch.Generator(3);
  const step = () =>
    torch.scope(() => {
      const start = performance.now();
      const index = torch.randint(0, images.shape[0], [batch], { generator });
      const drawn = sampleViews(2 * batch, images.shape[2], DRAWN, generator);
      const x = applyViews(images.indexSelect(0, index).to(device), drawn, NORMALISATION);
      const seconds = (performance.now() - start) / 1000;
      const z = run(() => head.forward(encoder.features(x)));
      const [a, b] = torch.ops.unbind(z.reshape([batch, 2, -1]), 1);
      const loss = ntXent(a, b);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      loss.item(); // as pretrain does; it waits for the GPU
      return seconds;
    });
  return { step, dispose: () => [encoder, head, optimizer].forEach((part) => void part.dispose()) };
}

/** @returns [{ precision, cudnn, viewsPerSecond, msPerStep, msUntilViewsAreAsked, peakMemory }] */
export function measureSpeed(device, { model, speed }, images, say) {
  const gpu = device !== 'cpu';
  const settings = gpu ? ['deterministic', 'benchmark'] : ['none'];
  return ['float32', 'bfloat16'].flatMap((precision) =>
    settings.map((cudnn) => {
      if (gpu) {
        torch.cuda.configure(cudnn === 'benchmark' ? { benchmark: true, deterministic: false } : {});
        torch.cuda.emptyCache();
        torch.cuda.resetPeakMemory(device);
      }
      const { step, dispose } = stepper(device, precision, model, speed.batch, images);
      for (let i = 0; i < speed.warmup; i++) step();
      const start = performance.now();
      let [steps, views] = [0, 0];
      while (performance.now() - start < speed.seconds * 1000) {
        views += step();
        steps++;
      }
      const seconds = (performance.now() - start) / 1000;
      const line = {
        model,
        batch: speed.batch,
        precision,
        cudnn,
        steps,
        viewsPerSecond: (2 * speed.batch * steps) / seconds,
        msPerStep: (1000 * seconds) / steps,
        msUntilViewsAreAsked: (1000 * views) / steps,
        peakMemory: gpu ? torch.cuda.memory(device).peakAllocated : null,
      };
      dispose();
      if (gpu) torch.cuda.configure();
      say(
        `speed  ${model}, batch ${speed.batch}, ${precision}, cuDNN ${cudnn}: ${line.viewsPerSecond.toFixed(0)} views/s`,
      );
      return line;
    }),
  );
}
