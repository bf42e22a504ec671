/** @file Settings of `twoview knn`, `probe` and `embed`. */
import { z } from 'zod';
import { machine, neighbours, network, repeat, source } from './fields.js';

const weights = { weights: z.string().describe('a run folder or a weights file') };

export const knnSchema = z.strictObject({
  ...source,
  ...weights,
  ...network,
  ...neighbours,
  weighted: z.boolean().default(true).describe('weigh votes by similarity'),
  ...machine,
});
export type KnnConfig = z.output<typeof knnSchema>;

export const probeSchema = z.strictObject({
  ...source,
  ...weights,
  ...network,
  fraction: z.number().gt(0).max(1).default(1).describe('share of the labels, the same from every class'),
  l2: z.number().min(0).default(1e-4).describe('weight decay of the linear classifier'),
  iterations: z.number().int().min(1).default(200).describe('steps of the probe, over all features at once'),
  ...repeat,
  ...machine,
});
export type ProbeConfig = z.output<typeof probeSchema>;

export const embedSchema = z.strictObject({
  ...source,
  ...weights,
  ...network,
  out: z.string().describe('safetensors file to write: features [N, d]'),
  split: z.enum(['train', 'test']).default('train').describe('which images'),
  ...machine,
});
export type EmbedConfig = z.output<typeof embedSchema>;
