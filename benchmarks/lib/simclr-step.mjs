/** @file The bare training step that two rows compare with: encoder, head, NT-Xent, backward, SGD, on views that are there. */
import * as torch from '../../packages/torch/dist/src/index.js';
import { compute } from '../../packages/twoview/dist/src/models/compute.js';
import { createModel } from '../../packages/twoview/dist/src/models/create-model.js';
import { ntXent } from '../../packages/twoview/dist/src/ssl/ntxent.js';
import { projectionHead } from '../../packages/twoview/dist/src/ssl/projection-head.js';

/** @returns {(precision: 'float32' | 'bfloat16') => number} one step, and its loss */
export function bareStep(views) {
  const generator = new torch.Generator(0, 'cpu');
  const encoder = createModel('resnet18', { numClasses: 0, stem: 'cifar', generator });
  const head = projectionHead(encoder.featureSize, { outputs: 128, generator });
  encoder.to({ memoryFormat: 'channels_last' });
  const optimizer = new torch.optim.SGD(
    torch.optim.decayGroups(
      [
        ...encoder.namedParameters(),
        ...Array.from(head.namedParameters(), ([name, tensor]) => [`head.${name}`, tensor]),
      ],
      5e-4,
    ),
    { lr: 0.01, momentum: 0.9, nesterov: true },
  );
  return (precision) => {
    const { run } = compute('cpu', precision);
    const loss = torch.scope(() => {
      // A scope of its own: what the backward pass does not need is free before it begins, as in Python.
      const value = torch.scope(() => {
        const h = run(() => encoder.features(views));
        const z = run(() => head.forward(h));
        const [zA, zB] = torch.ops.unbind(z.reshape([views.shape[0] / 2, 2, -1]), 1);
        return ntXent(zA, zB, { temperature: 0.5 });
      });
      optimizer.zeroGrad();
      value.backward();
      return value.item();
    });
    optimizer.step();
    return loss;
  };
}
