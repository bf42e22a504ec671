/**
 * @file Labels given one after the other, and a classifier fitted anew after each: what a program would do in which somebody labels images
 * and sees at once what that changes. Here the labels are those of the set, and the accuracy is of all its images, labelled or not.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { embed, pretrain, ridgeHead, scaleOf } from 'twoview';

const out = mkdtempSync(join(tmpdir(), 'few-labels-'));
const run = await pretrain({
  ...{ data: 'shapes', model: 'resnet10_narrow', out: join(out, 'run'), precision: 'float32' },
  ...{ epochs: 2, batchSize: 64, limit: 512, heldOut: 0, k: 20 },
});
const { file } = await embed({ data: 'shapes', split: 'test', weights: run, out: join(out, 'features.safetensors') });
const { features, labels } = torch.safetensors.load(file).tensors as { features: torch.Tensor; labels: torch.Tensor };
using scale = scaleOf(features); // once, of all images

for (let count = 10; count <= 80; count++) {
  torch.scope(() => {
    const given = labels.narrow(0, 0, count);
    const head = ridgeHead(features.narrow(0, 0, count), given, { numClasses: 10, scale });
    if (count % 10 > 0) return;
    const right = head.logits(features).argmax({ dim: 1 }).eq(labels).to('float32').mean().item<number>();
    const { accuracy, strength } = head.choice;
    console.log(
      `${count} labels: accuracy ${right.toFixed(3)}, left out ${accuracy?.toFixed(3)}, strength ${strength.toFixed(0)}`,
    );
  });
}
