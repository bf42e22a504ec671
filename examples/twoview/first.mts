/** @file Pre-trains without labels, then fine-tunes with 1 % of the labels. In docs/library.md, and run by a test. */
import { finetune, pretrain } from 'twoview';

const data = 'shapes'; // generated images; 'photos/' opens a folder of yours
const run = await pretrain({
  data,
  encoder: 'resnet10_narrow',
  batchSize: 64,
  epochs: 2,
  limit: 512, // images, so that this ends within seconds
  out: 'runs/first',
  onEpoch: ({ epoch, loss }) => console.log(`epoch ${epoch}  loss ${loss.toFixed(2)}`),
});
const { metrics, labels } = await finetune({ data, init: run, fraction: 0.01, epochs: 5, out: 'runs/first-1pct' });
console.log(`accuracy ${metrics.accuracy.toFixed(2)} with ${labels} labels`);
