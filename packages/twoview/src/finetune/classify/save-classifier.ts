/** @file The encoder with its classifier as one checkpoint, under the keys of a fine-tuned network: predict, distil and Python read it as one. */
import * as torch from '@twoview/torch';
import type { ImageSet } from '../../data/image-set.js';
import type { FrozenEncoder } from '../../evaluate/frozen.js';
import type { Head } from '../../evaluate/heads/head.js';
import type { OwnEncoder } from '../../models/own-network.js';
import { createClassifier } from '../../models/with-head-layer.js';
import type { RunFolder } from '../../runs/run-folder.js';

export function saveClassifier(
  run: RunFolder,
  { model, stem, normalisation, stateDict }: FrozenEncoder,
  { weight, bias }: Head,
  { set: { classes, imageSize }, own }: { set: ImageSet; own: OwnEncoder | undefined },
): void {
  const state = stateDict();
  const shape = { model, stem, numClasses: classes.length, imageSize, headLayerWidth: null };
  const network = createClassifier(shape, new torch.Generator(0), own);
  const added = Object.keys(network.stateDict()).filter((key) => !(key in state));
  network.dispose();
  const classifier = Object.fromEntries(added.map((key) => [key, key.endsWith('weight') ? weight : bias]));
  const metadata = { model, stem, normalisation: JSON.stringify(normalisation) };
  torch.safetensors.save(run.file('checkpoints', 'last.safetensors'), { ...state, ...classifier }, metadata);
}
