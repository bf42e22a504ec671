/** @file Settings of `twoview knn`, `probe` and `embed`. */
import { z } from 'zod';
import { evaluation, neighbours, pretrainedNetwork, repeat, source, subset } from './fields.js';

const channels = (what: string) =>
  z
    .array(z.number())
    .length(3)
    .or(z.literal('auto'))
    .default('auto')
    .describe(
      `${what} of red, green and blue to normalise images with, separated by commas; auto takes those of the run, or of the images`,
    );

/** The encoder that is looked at; it does not learn any more. */
export const frozen = {
  weights: z
    .string()
    .describe('pre-trained weights: a run folder, a .safetensors or .pth file, imagenet, or hub:OWNER/NAME'),
  ...pretrainedNetwork,
  mean: channels('mean'),
  std: channels('standard deviation'),
};
export type FrozenConfig = z.output<ReturnType<typeof z.strictObject<typeof frozen & typeof evaluation>>>;

export const knnSchema = z.strictObject({
  ...source,
  ...frozen,
  ...neighbours,
  weighted: z.boolean().default(true).describe('weight votes by similarity'),
  ...evaluation,
});
export type KnnConfig = z.output<typeof knnSchema>;

export const probeSchema = z.strictObject({
  ...source,
  ...frozen,
  fraction: z.number().gt(0).max(1).default(1).describe('fraction of the labels to use, the same in every class'),
  ...subset,
  l2: z.number().min(0).default(1e-4).describe('L2 penalty on the linear classifier'),
  iterations: z
    .number()
    .int()
    .min(1)
    .default(1000)
    .describe('iterations of L-BFGS, at most; each uses all representations'),
  ...repeat,
  ...evaluation,
});
export type ProbeConfig = z.output<typeof probeSchema>;

export const embedSchema = z.strictObject({
  ...source,
  ...frozen,
  out: z.string().describe('safetensors file to write; the tensor features is [N, d]'),
  split: z.enum(['train', 'val', 'test']).default('train').describe('split to write'),
  ...evaluation,
});
export type EmbedConfig = z.output<typeof embedSchema>;
