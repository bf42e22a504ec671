/** @file Settings of `twoview studio`. */
import { z } from 'zod';
import { source } from './fields.js';

export const studioSchema = z.strictObject({
  ...source,
  weights: z
    .string()
    .default('')
    .describe('pre-trained weights: a run folder or a weights file; the map, similar images and predictions need it'),
  project: z
    .string()
    .default('')
    .describe('folder for labels, exam, thumbnails and runs; without it, SOURCE.studio in the current folder'),
  port: z.number().int().min(0).max(65535).default(0).describe('port to listen on; 0 takes any free one'),
  host: z.string().default('127.0.0.1').describe('address to listen on; any but 127.0.0.1 needs --allow-host'),
  allowHost: z
    .array(z.string())
    .default([])
    .describe('names under which other machines reach this one, separated by commas'),
  open: z.boolean().default(true).describe('open the page in the browser'),
});
export type StudioConfig = z.output<typeof studioSchema>;
