/** @file Views, and whole steps of SimCLR, as functions of a place: { device, dtype }. */
import {
  applyViews,
  compute,
  createModel,
  draws,
  ntXent,
  projectionHead,
  sampleViews,
  streamKey,
  suitsGpu,
  torch,
  viewsOnGpu,
} from './parts.mjs';
import { NORMALISATION, VIEWS } from './sizes.mjs';

const picture = (images, count) => images.narrow(0, 0, count);

/** Two views of each image with everything on; every device draws the same. */
export function views({ device }, images, count) {
  const drawn = sampleViews(images.shape[2], VIEWS, draws(1, 'views', 0, { count: 2 * count }, device));
  return applyViews(picture(images, count).to(device), drawn, NORMALISATION);
}

/**
 * Two views of each of the chosen images, as training makes them: without blur, and on a GPU by the kernel.
 *
 * @param images uint8 [M, 3, S, S] @param indices [N] int64, both on the device
 */
export function trainingViews(images, indices, { seed, step }) {
  const { device } = images;
  const [size, options] = [images.shape[2], { ...VIEWS, blur: 0 }];
  if (suitsGpu(device, size, options)) {
    const keyOf = (purpose) => streamKey(seed, `views/${purpose}`, step);
    return viewsOnGpu({ images, indices, side: images.shape[3], first: 0, keyOf }, options, NORMALISATION);
  }
  const draw = draws(seed, 'views', step, { count: 2 * indices.numel() }, device);
  return applyViews(images.indexSelect(0, indices), sampleViews(size, options, draw), NORMALISATION);
}

/** The loss of one step, the representation, and the gradient of every parameter in one long vector. */
export function simclrStep(place, model, images, count, precision = 'float32') {
  const { device, dtype } = place;
  const generator = new torch.Generator(2);
  const encoder = createModel(model, { numClasses: 0, generator });
  const head = projectionHead(encoder.featureSize, { outputs: 128, generator });
  encoder.to({ device, dtype, memoryFormat: 'channels_last' });
  head.to({ device, dtype });
  const x = views({ device: 'cpu' }, images, count).to({ device, dtype, memoryFormat: 'channels_last' });
  const { run } = compute(device, precision);
  const h = run(() => encoder.features(x));
  const z = run(() => head.forward(h));
  const [a, b] = torch.ops.unbind(z.reshape([count, 2, -1]), 1);
  const loss = ntXent(a, b, { temperature: 0.5 });
  loss.backward();
  const flat = [...encoder.parameters(), ...head.parameters()].map((p) => p.grad.reshape([-1]));
  const result = { loss: loss.detach(), representation: h.detach(), gradient: torch.cat(flat) };
  encoder.dispose();
  head.dispose();
  return result;
}
