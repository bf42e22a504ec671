/** @file Settings of `twoview data`. */
import { z } from 'zod';
import { machine, source } from './fields.js';

export const dataSchema = z.strictObject({
  ...source,
  near: z
    .boolean()
    .default(true)
    .describe('look for twins: equal images, and copies that were cropped, mirrored, recompressed or made lighter'),
  threads: machine.threads,
});
export type DataConfig = z.output<typeof dataSchema>;
