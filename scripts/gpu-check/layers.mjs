/** @file Single layers, the loss, neighbours and optimizers, as functions of a place: { device, dtype }. */
import { createOptimizer, health, knn, ntXent, torch } from './parts.mjs';

const normals = (seed, shape, { device, dtype }) =>
  torch.randn(shape, { generator: new torch.Generator(seed) }).to({ device, dtype });
const leaf = (seed, shape, place) => {
  const tensor = normals(seed, shape, place);
  tensor.requiresGrad = true;
  return tensor;
};
/** Gradients of the sum of products with fixed numbers, so that no element cancels another. */
const gradients = (y, inputs, place) => {
  const weights = normals(99, y.shape, place);
  return torch.grad(y.mul(weights).sum(), inputs);
};
const named = (keys, tensors) => Object.fromEntries(keys.map((key, i) => [key, tensors[i]]));

/** [16, 32, 16, 16] channels-last, as every image is. */
const maps = (seed, place) => {
  const x = normals(seed, [16, 32, 16, 16], place).contiguous({ memoryFormat: 'channels_last' });
  x.requiresGrad = true;
  return x;
};

export function convolution(place) {
  const x = maps(1, place);
  const weight = leaf(2, [64, 32, 3, 3], place);
  const y = x.conv2d(weight, null, 2, 1);
  return { output: y, ...named(['gradient of input', 'gradient of weight'], gradients(y, [x, weight], place)) };
}

export function batchNorm(place) {
  const x = maps(3, place);
  const [weight, bias] = [leaf(4, [32], place), leaf(5, [32], place)];
  const [mean, variance] = [torch.zeros([32], place), torch.ones([32], place)];
  const y = torch.ops.batchNorm(x, weight, bias, mean, variance, true, 0.1, 1e-5, true);
  return {
    output: y,
    'running mean': mean,
    'running variance': variance,
    ...named(['gradient of input', 'gradient of weight', 'gradient of bias'], gradients(y, [x, weight, bias], place)),
  };
}

/** As the networks have it: on a GPU by kernels of our own, which are for channels that are multiples of 8. */
export const batchNormThen = (activation, added) => (place) => {
  const norm = new torch.nn.BatchNorm2d(32);
  norm.to({ device: place.device, dtype: place.dtype });
  const [x, plus] = [maps(3, place), maps(4, place)];
  const y = norm.forward(x, { activation, ...(added && { plus }) });
  const inputs = [x, norm.weight, norm.bias, ...(added ? [plus] : [])];
  return {
    output: y,
    'running mean': norm.runningMean,
    'running variance': norm.runningVar,
    ...named(
      ['gradient of input', 'gradient of weight', 'gradient of bias', 'gradient of sum'].slice(0, inputs.length),
      gradients(y, inputs, place),
    ),
  };
};

export function linear(place) {
  const [x, weight, bias] = [leaf(6, [64, 128], place), leaf(7, [32, 128], place), leaf(8, [32], place)];
  const y = x.linear(weight, bias);
  return {
    output: y,
    ...named(['gradient of input', 'gradient of weight', 'gradient of bias'], gradients(y, [x, weight, bias], place)),
  };
}

export function ntXentLoss(place) {
  const [a, b] = [leaf(9, [256, 128], place), leaf(10, [256, 128], place)];
  const loss = ntXent(a, b, { temperature: 0.1 });
  return { loss, ...named(['gradient of zA', 'gradient of zB'], torch.grad(loss, [a, b])) };
}

/** Alignment, uniformity and effective rank, as one list. */
export function healthFigures(place) {
  const figures = health(normals(11, [256, 64], place), normals(12, [256, 32], place));
  return { figures: torch.tensor(Object.values(figures), { dtype: 'float64' }) };
}

/** In double precision kNN is written out anew here: `knn` itself always counts in float32. */
export function neighbours(place, { bank, queries, d, k }) {
  const [keys, unit] = [normals(13, [bank, d], place), normals(14, [queries, d], place)];
  const labels = torch.arange(bank, { device: place.device }).remainder(10);
  const options = { k, temperature: 0.1, weighted: true, numClasses: 10 };
  if (place.dtype === 'float32') return { votes: knn(keys, labels, unit, options) };
  const similarity = torch.normalize(unit).mm(torch.normalize(keys).t());
  const [best, index] = similarity.topk(k, { dim: 1 });
  const votes = torch.zeros([queries, 10], place);
  const classes = labels.indexSelect(0, index.flatten()).reshape([queries, k]);
  return { votes: votes.scatterAdd(1, classes, best.div(0.1).exp()) };
}

/** Three steps over a convolution's weight (channels-last), a matrix and a bias. */
export function optimizerSteps(optimizer, place) {
  const weights = {
    'conv.weight': normals(15, [32, 16, 3, 3], place).contiguous({ memoryFormat: 'channels_last' }),
    'fc.weight': normals(16, [10, 32], place),
    'fc.bias': normals(17, [10], place),
  };
  for (const tensor of Object.values(weights)) tensor.requiresGrad = true;
  const groups = torch.optim.decayGroups(Object.entries(weights), 0.01);
  const stepper = createOptimizer(groups, { optimizer, momentum: 0.9, weightDecay: 0.01 }, 0.1);
  for (let step = 0; step < 3; step++) {
    for (const [i, tensor] of Object.values(weights).entries()) {
      // In the weight's own layout, as autograd leaves it: the fused kernels of a GPU refuse another one.
      tensor.grad = tensor.detach().add(normals(100 + 10 * step + i, tensor.shape, place));
    }
    stepper.step();
  }
  const result = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tensor.detach().clone()]));
  stepper.dispose();
  return result;
}
