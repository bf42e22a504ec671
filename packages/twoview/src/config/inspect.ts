/** @file Settings of `twoview inspect`. */
import { z } from 'zod';
import { evaluation, neighbours, output, resume } from './fields.js';

export const inspectSchema = z.strictObject({
  run: z.string().describe('run folder of a pre-training'),
  data: z.string().default('').describe('images to inspect; without it, those of the run'),
  points: z.number().int().min(50).default(1000).describe('images on the map, at most'),
  ...neighbours,
  ...evaluation,
  ...output('inspection'),
  ...resume,
});
export type InspectConfig = z.output<typeof inspectSchema>;
