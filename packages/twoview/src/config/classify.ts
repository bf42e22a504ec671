/** @file Settings of `twoview classify`. */
import { z } from 'zod';
import { frozen } from './evaluate.js';
import { evaluation, output, repeat, resume, source, subset } from './fields.js';
import { finetuneRecipe } from './finetune.js';

export const classifySchema = z.strictObject({
  ...source,
  ...frozen,
  fraction: z.number().gt(0).max(1).default(1).describe('fraction of the labels to use, the same in every class'),
  labels: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'number of labels to use, instead of --fraction; rounded so that every class has the same fraction; 0 uses --fraction',
    ),
  ...subset,
  method: z
    .enum(['ridge', 'logistic', 'propagate'])
    .default('ridge')
    .describe(
      'classifier: ridge regression, logistic regression, or label propagation over similar training images followed by ridge regression',
    ),
  crops: z
    .literal([1, 2, 8])
    .default(2)
    .describe(
      'views of each image whose representations are averaged: 1 is the image, 2 adds its horizontal flip, 8 adds crops',
    ),
  neighbours: z.number().int().min(1).default(50).describe('propagate: neighbours of an image in the graph'),
  gamma: z
    .number()
    .positive()
    .default(3)
    .describe('propagate: an edge weighs the cosine similarity to the power of this'),
  alpha: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.99)
    .describe('propagate: how far labels spread; the nearer to 1, the farther'),
  transductive: z
    .boolean()
    .default(false)
    .describe('propagate: spread labels over the test images too; their own labels are not used'),
  validation: finetuneRecipe.validation,
  ...repeat,
  ...output('run'),
  ...resume,
  ...evaluation,
});
export type ClassifyConfig = z.output<typeof classifySchema>;
