/** @file twoview models */
import * as torch from '@twoview/torch';
import type { Command } from 'commander';
import { createModel, MODEL_NAMES } from '../../models/create-model.js';
import { table } from '../format.js';

export function define(command: Command): void {
  command.option('--json', 'print JSON').action(async ({ json }: { json?: boolean }) => {
    await torch.load();
    const count = (model: torch.nn.Module) => model.parameters().reduce((sum, tensor) => sum + tensor.numel(), 0);
    const rows = MODEL_NAMES.map((name) =>
      torch.scope(() => {
        const encoder = createModel(name, { numClasses: 0, stem: 'cifar' });
        const parameters = (classes: number) => count(createModel(name, { numClasses: classes, stem: 'imagenet' }));
        const { featureSize } = encoder;
        return { name, featureSize, encoder: count(encoder), classes10: parameters(10), classes1000: parameters(1000) };
      }),
    );
    const millions = (n: number) => `${(n / 1e6).toFixed(2)} M`;
    const lines = rows.map((row) => [
      row.name,
      String(row.featureSize),
      millions(row.encoder),
      millions(row.classes10),
      millions(row.classes1000),
    ]);
    const head = ['network', 'length of h', 'encoder, CIFAR stem', '10 classes', '1000 classes, ImageNet stem'];
    console.log(json ? JSON.stringify(rows) : table([head, ...lines]));
  });
}
