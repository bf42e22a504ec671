/** @file The images and the weights that all contenders begin with. */
import * as torch from '../../packages/torch/dist/src/index.js';
import { openImages, parseConfig, pretrainSchema } from '../../packages/twoview/dist/src/index.js';
import { Owned } from '../../packages/twoview/dist/src/runs/owned.js';
import { initialNetworks } from '../../packages/twoview/dist/src/ssl/networks.js';

/** Generated pictures as a safetensors file of uint8 [N, 3, 32 * larger, 32 * larger], which twoview takes as data as well. @returns its path */
export async function pictures(file, count, larger = 1) {
  await torch.load();
  const set = await openImages('shapes');
  // twoview sets a fifth of them aside as a test part. Where there are too few, they come again: speed does not mind.
  const some = torch.arange(Math.ceil(1.3 * count), { dtype: 'int64' }).remainder(set.train.count);
  const images = set.train.images.indexSelect(0, some).repeatInterleave(larger, { dim: 2 });
  torch.safetensors.save(file, { images: images.repeatInterleave(larger, { dim: 3 }) });
  set[Symbol.dispose]();
  return file;
}

/** What a pre-training with this seed begins with, as a checkpoint of twoview. */
export function beginning(file, model, seed) {
  const owned = new Owned();
  const { encoder, head } = initialNetworks(
    parseConfig(pretrainSchema, { data: '', model, stem: 'cifar', out: '', seed }),
    owned,
  );
  const projection = Object.entries(head.stateDict()).map(([key, x]) => [`projection_head.${key}`, x]);
  torch.safetensors.save(file, { ...encoder.stateDict(), ...Object.fromEntries(projection) });
  owned[Symbol.dispose]();
}
