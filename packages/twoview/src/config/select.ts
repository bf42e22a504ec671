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
      'a run folder, a .safetensors or .pth file, imagenet, or hub:OWNER/NAME; random and stratified do without',
    ),
  budget: z.number().int().min(1).describe('training images to choose'),
  method: z
    .enum(METHODS)
    .default('max-herding')
    .describe(
      'way to choose; stratified takes equally many of each class, so it knows the labels and is for experiments',
    ),
  labelled: z
    .string()
    .default('')
    .describe('table of images that have a label already: they count as chosen, and are not offered again'),
  out: z.string().describe('CSV file to write: path, an empty label to fill in, rank; in order of choice'),
  ...repeat,
  ...evaluation,
});
export type SelectConfig = z.output<typeof selectSchema>;
