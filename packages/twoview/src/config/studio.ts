/** @file Settings of `twoview studio`. */
import { z } from 'zod';
import { source } from './fields.js';

export const studioSchema = z.strictObject({
  ...source,
  weights: z
    .string()
    .default('')
    .describe('a run folder or a weights file, for the map, similar images and predictions; none does without'),
  project: z
    .string()
    .default('')
    .describe('folder for labels, exam, thumbnails and runs; none is called as the source, with .studio at its end'),
  port: z.number().int().min(0).max(65535).default(0).describe('port to listen on; 0 takes a free one'),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('address to listen on; another one than this machine’s own needs allowHost'),
  allowHost: z
    .array(z.string())
    .default([])
    .describe('names by which other machines call this one, separated by commas'),
  open: z.boolean().default(true).describe('open the page in the browser'),
});
export type StudioConfig = z.output<typeof studioSchema>;
