/** @file Settings of `twoview bench`. */
import { z } from 'zod';
import { machine, network } from './fields.js';

export const benchSchema = z.strictObject({
  model: z.string().default('resnet18').describe('network; twoview models lists them'),
  stem: network.stem,
  imageSize: z.number().int().min(1).default(32).describe('side of the images in pixels'),
  batchSize: z.number().int().min(2).default(64).describe('images per step; SimCLR makes two views of each'),
  steps: z.number().int().min(1).default(10).describe('steps to time, after two steps of warm-up'),
  profile: z.boolean().default(false).describe('list the time that each operator takes'),
  ...machine,
});
export type BenchConfig = z.output<typeof benchSchema>;
