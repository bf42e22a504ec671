/**
 * @file Representations kept in the cache, by what they depend on: the bytes of the weights, the images, the views, the code and the machine.
 * A second classifier on the same images needs no pass through the network.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { ImageSet } from '../data/image-set.js';
import type { Part } from '../data/parts.js';
import { featuresFile } from '../data/store/cache.js';
import { toldApart } from '../models/own-network.js';
import type { OwnIo } from '../own/own.js';
import { meansOf, startHash } from '../runs/identity.js';
import { shortHash } from '../runs/short-hash.js';
import type { Crops } from './crops.js';
import type { FrozenEncoder } from './frozen.js';

const NAMES: Record<Part, string> = {
  train: 'training images',
  val: 'validation images',
  test: 'test images',
};

/**
 * @param part one that the set has
 * @returns [N, d] float32 on the CPU, of all images of the part; a file that cannot be read is made anew
 * @throws TwoviewError INTERRUPTED; TorchError DISK_FULL, FILE_ACCESS
 */
export async function cachedFeatures(
  encoder: FrozenEncoder,
  set: ImageSet,
  part: Part,
  { crops, io }: { crops: Crops; io: OwnIo },
): Promise<Tensor> {
  const file = featuresFile(await keyOf(encoder, set, part, crops, io));
  const { images, count } = set[part]!;
  const kept = read(file, [count, encoder.featureSize]);
  const size = `${((count * encoder.featureSize * 4) / 2 ** 20).toFixed(1)} MiB`;
  const say = (text: string) => io.onEvent?.({ type: 'note', text: `features of the ${NAMES[part]}: ${text}` });
  if (kept !== null) {
    say(`taken from ${file} (${size})`);
    return kept;
  }
  using made = await encoder.features(images, `features of the ${NAMES[part]}`, crops);
  const onCpu = made.to('cpu');
  const plain = onCpu === made ? torch.scope(() => made.clone()) : onCpu;
  mkdirSync(dirname(file), { recursive: true });
  torch.safetensors.save(file, { features: plain });
  say(`kept in ${file} (${size})`);
  return plain;
}

async function keyOf(encoder: FrozenEncoder, set: ImageSet, part: Part, crops: Crops, io: OwnIo): Promise<string> {
  const { model, stem, normalisation, compute } = encoder;
  const network = [await startHash(encoder.file), model, io.own?.encoder ? toldApart(io.own.encoder) : stem];
  const how = [normalisation, crops, compute.precision, meansOf(compute.device)];
  return shortHash(JSON.stringify([network, how, set.hash, part]));
}

function read(file: string, shape: readonly number[]): Tensor | null {
  if (!existsSync(file)) return null;
  try {
    return torch.scope(() => {
      const { features } = torch.safetensors.load(file).tensors;
      return String(features?.shape) === String(shape) ? features!.clone() : null;
    });
  } catch {
    rmSync(file, { force: true });
    return null;
  }
}
