/** @file Opens a folder of images, at the size that may be given, and says how long it took, libtorch being loaded already. */
import * as torch from '../../packages/torch/dist/src/index.js';
import { openImages } from '../../packages/twoview/dist/src/data/open-images.js';

await torch.load();
let progress = 0;
const start = performance.now();
const size = process.argv[3] === undefined ? 'auto' : Number(process.argv[3]);
const set = await openImages(
  process.argv[2],
  { imageSize: size },
  { onEvent: ({ type }) => type === 'progress' && progress++ },
);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, progress, count: set.train.count + (set.test?.count ?? 0) }));
