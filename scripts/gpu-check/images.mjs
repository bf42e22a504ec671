/** @file As many images of a set as there is room for, as one safetensors file. */
import { openImages, torch } from './parts.mjs';

/** Of the images: the rest are test images. */
const TRAIN_SHARE = 5 / 6;

/** @returns what was taken, in words */
export async function packImages(source, file, bytes) {
  const set = await openImages(source, {}, { onEvent: (event) => event.type === 'note' && console.log(event.text) });
  if (set.test === null) throw new Error(`${source} has no test images, or no labels`);
  const room = Math.floor((bytes - 10_000) / (3 * set.imageSize ** 2 + 8));
  const [train, test] = [
    pick(set.train, Math.min(set.train.count, Math.floor(room * TRAIN_SHARE))),
    pick(set.test, Math.min(set.test.count, Math.floor(room * (1 - TRAIN_SHARE)))),
  ];
  const whole = train.count === set.train.count && test.count === set.test.count;
  torch.safetensors.save(
    file,
    {
      'train.images': train.images,
      'train.labels': train.labels,
      'test.images': test.images,
      'test.labels': test.labels,
    },
    { name: set.name, classes: JSON.stringify(set.classes) },
  );
  return `${whole ? 'all of' : 'a random part of'} ${set.name}: ${train.count} training and ${test.count} test images`;
}

function pick({ images, labels, count }, wanted) {
  const order = torch.randperm(count, { generator: new torch.Generator(0) }).narrow(0, 0, wanted);
  return { images: images.indexSelect(0, order), labels: labels.indexSelect(0, order), count: wanted };
}
