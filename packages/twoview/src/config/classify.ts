/** @file Settings of `twoview classify`. */
import { z } from 'zod';
import { frozen } from './evaluate.js';
import { evaluation, output, repeat, resume, source, subset } from './fields.js';
import { finetuneRecipe } from './finetune.js';

export const classifySchema = z.strictObject({
  ...source,
  ...frozen,
  fraction: z.number().gt(0).max(1).default(1).describe('fraction of the labels, the same from every class'),
  labels: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('labels in all, as the fraction that comes nearest; 0 takes --fraction'),
  ...subset,
  method: z
    .enum(['ridge', 'logistic', 'propagate'])
    .default('ridge')
    .describe(
      'ridge regression, logistic regression, or ridge regression on labels that were spread over similar training images',
    ),
  crops: z
    .literal([1, 2, 8])
    .default(2)
    .describe(
      'views of each image whose representations are averaged: 2 is the image and its mirror image, 8 has crops besides',
    ),
  neighbours: z
    .number()
    .int()
    .min(1)
    .default(50)
    .describe('similar images that a label is spread to directly, by propagate'),
  gamma: z.number().positive().default(3).describe('labels are spread by cosine to the power of this, by propagate'),
  alpha: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.99)
    .describe('how far labels are spread, by propagate: the nearer to 1, the farther'),
  transductive: z
    .boolean()
    .default(false)
    .describe('spread labels over the images that are tested on as well; their labels are not used'),
  validation: finetuneRecipe.validation,
  ...repeat,
  ...output('run'),
  ...resume,
  ...evaluation,
});
export type ClassifyConfig = z.output<typeof classifySchema>;
