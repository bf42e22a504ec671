/** @file Settings of `twoview predict`. */
import { z } from 'zod';
import { evaluation, source } from './fields.js';

/** The size is the classifier's. */
const { imageSize: _, ...images } = source;

export const predictSchema = z.strictObject({
  run: z.string().describe('a run folder that finetune, distil or classify wrote'),
  ...images,
  out: z.string().describe('CSV file to write: one line an image'),
  ...evaluation,
});
export type PredictConfig = z.output<typeof predictSchema>;
