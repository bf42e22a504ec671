/** @file twoview models */
import * as torch from '@twoview/torch';
import type { Command } from 'commander';
import type { Stem } from '../../config/fields.js';
import { createModel, MODEL_NAMES, type ModelName } from '../../models/create-model.js';
import { multiplyAdds } from '../../models/multiply-adds.js';
import { imagenetSource } from '../../models/published.js';
import { table } from '../format.js';

export function define(command: Command): void {
  command.option('--json', 'print JSON').action(async ({ json }: { json?: boolean }) => {
    await torch.load();
    const rows = MODEL_NAMES.map(describe);
    if (json) {
      console.log(JSON.stringify(rows));
      return;
    }
    const millions = (n: number) => `${(n / 1e6).toFixed(2)} M`;
    const lines = rows.map((row) => [
      row.name,
      String(row.featureSize),
      millions(row.parameters.encoder),
      millions(row.parameters.classes10),
      millions(row.parameters.classes1000),
      millions(row.multiplyAdds.cifarHalf32),
      millions(row.multiplyAdds.cifar32),
      millions(row.multiplyAdds.imagenet224),
      row.imagenet ?? '-',
    ]);
    const head = [
      'network',
      'd',
      'parameters',
      '10 classes',
      '1000 classes',
      'cifar-half 32',
      'cifar 32',
      'imagenet 224',
      'weights',
    ];
    console.log(table([head, ...lines]));
    console.log(`d: length of a representation. parameters: of the encoder, and with a classifier, at the imagenet stem.
Then multiply-adds for one image, by --stem and side in pixels.
weights: who made those that --init imagenet and --transfer-weights imagenet download, trained on ImageNet-1k.`);
  });
}

function describe(name: ModelName) {
  return torch.scope(() => {
    const encoder = (stem: Stem) => torch.nn.init.leftOut(() => createModel(name, { numClasses: 0, stem }));
    const [half, whole, large] = [encoder('cifar-half'), encoder('cifar'), encoder('imagenet')];
    const { featureSize } = large;
    const parameters = large.parameters().reduce((sum, tensor) => sum + tensor.numel(), 0);
    const withClasses = (classes: number) => parameters + classes * (featureSize + 1);
    return {
      name,
      featureSize,
      imagenet: imagenetSource(name),
      parameters: { encoder: parameters, classes10: withClasses(10), classes1000: withClasses(1000) },
      multiplyAdds: {
        cifarHalf32: multiplyAdds(half, 32),
        cifar32: multiplyAdds(whole, 32),
        imagenet224: multiplyAdds(large, 224),
      },
    };
  });
}
