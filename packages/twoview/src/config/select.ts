/** @file Settings of `twoview select`. */
import { z } from 'zod';
import { frozen } from './evaluate.js';
import { evaluation, repeat, source } from './fields.js';

/** Ways to choose; the last two look at no representation. */
export const METHODS = ['max-herding', 'typiclust', 'k-medoids', 'random', 'stratified'] as const;
export type Method = (typeof METHODS)[number];

export const selectSchema = z.strictObject({
  ...source,
  ...frozen,
  weights: z
    .string()
    .default('')
    .describe(
      'pre-trained weights: a run folder, a .safetensors or .pth file, imagenet, or hub:OWNER/NAME; random and stratified need none',
    ),
  budget: z.number().int().min(1).describe('number of training images to choose'),
  method: z
    .enum(METHODS)
    .default('max-herding')
    .describe(
      'selection method; stratified takes equally many images of each class, which needs all labels: it is for experiments',
    ),
  labelled: z.string().default('').describe('CSV of images that are labelled already: they count as chosen'),
  out: z.string().describe('CSV to write, in order of choice: path, an empty label to fill in, rank'),
  ...repeat,
  ...evaluation,
});
export type SelectConfig = z.output<typeof selectSchema>;
