/** @file Settings of `twoview predict`. */
import { z } from 'zod';
import { evaluation, source } from './fields.js';

/** The size is the classifier's. */
const { imageSize: _, ...images } = source;

export const predictSchema = z.strictObject({
  run: z.string().describe('run folder of a classifier, made by finetune, distil or classify'),
  ...images,
  out: z.string().describe('CSV to write, one line per image'),
  ...evaluation,
});
export type PredictConfig = z.output<typeof predictSchema>;
