/** @file Your own training loop with the parts of `pretrain`: SimCLR as in algorithm 1 of the paper. Ends within seconds. */
import * as torch from '@twoview/torch';
import {
  createModel,
  knnVotes,
  metricsOf,
  normalisationOf,
  ntXent,
  openImages,
  plainViews,
  projectionHead,
  views,
} from 'twoview';

await torch.load();
torch.manualSeed(0);
using data = await openImages('shapes');
const { train, test, classes, imageSize } = data;
const normalisation = normalisationOf(train);
const [N, STEPS, SEED] = [64, 40, 0];

const encoder = createModel('resnet10_narrow', { numClasses: 0 });
const head = projectionHead(encoder.featureSize, { outputs: 64 });
const pipeline = views.simclr({ cropScale: [0.3, 1] });
const parameters = [...encoder.namedParameters(), ...head.namedParameters('head')];
const optimizer = new torch.optim.SGD(torch.optim.decayGroups(parameters, 5e-4), { lr: 0.1, momentum: 0.9 });
const rate = torch.optim.cosineWithWarmup({ base: 0.1, warmupSteps: 2, totalSteps: STEPS });

for (let step = 0; step < STEPS; step++) {
  optimizer.lr = rate(step);
  const loss = torch.scope(() => {
    const images = train.images.narrow(0, N * step, N); //                            [N, 3, S, S] uint8
    const drawn = pipeline.draw(imageSize, views.numbers(SEED, step), 2 * N);
    const x = drawn(images, 0, 2 * N, normalisation); //                              [2N, 3, S, S], two of each image
    const z = head.forward(encoder.features(x)).reshape([N, 2, -1]); //               [N, 2, p]
    const error = ntXent(z.select(1, 0), z.select(1, 1), { temperature: 0.5 });
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (step % 10 === 9) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
}

encoder.eval();
const accuracy = torch.scope(() =>
  torch.noGrad(() => {
    const h = (images: torch.Tensor) => encoder.features(plainViews(images, normalisation));
    const [bank, queries] = [h(train.images.narrow(0, 0, 500)), h(test!.images.narrow(0, 0, 200))];
    const options = { k: 10, temperature: 0.1, weighted: true, numClasses: classes.length };
    const votes = knnVotes(bank, train.labels.narrow(0, 0, 500), queries, options);
    return metricsOf(votes.log(), test!.labels.narrow(0, 0, 200)).accuracy;
  }),
);
console.log(`kNN ${accuracy.toFixed(2)}, chance ${(1 / classes.length).toFixed(2)}`);
for (const part of [encoder, head, optimizer]) part.dispose();
