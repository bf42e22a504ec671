/** @file Settings of `twoview finetune`. */
import { z } from 'zod';
import {
  checkpoints,
  growingViews,
  machine,
  optimisation,
  output,
  own,
  pretrainedNetwork,
  repeat,
  resume,
  source,
  subset,
} from './fields.js';

/** What makes a fine-tuning, apart from data, start and folder: `compare` takes these as finetune.* */
export const finetuneRecipe = {
  epochs: z
    .number()
    .int()
    .min(0)
    .default(100)
    .describe('times that each labelled image is seen, at most; 0 leaves the classifier as --probe-first fitted it'),
  maxSteps: z.number().int().min(0).default(0).describe('steps, at most; 0 sets no limit'),
  minSteps: z.number().int().min(0).default(0).describe('steps, at least, however few the labels are'),
  batchSize: z.number().int().min(2).default(128).describe('images a step'),
  warmupEpochs: z
    .number()
    .min(0)
    .or(z.literal('auto'))
    .default('auto')
    .describe('epochs of rising learning rate; auto is a tenth of all steps'),
  ...optimisation,
  lr: z
    .number()
    .positive()
    .or(z.literal('auto'))
    .default('auto')
    .describe(
      'highest learning rate; auto is 0.06 from scratch and 0.03 from pre-trained weights, 0.003 and 0.001 with Adam, for 128 images a step',
    ),
  headLayer: z
    .number()
    .int()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'layer of the projection head that the classifier is attached to; 0 is none, 1 is SimCLRv2’s for few labels',
    ),
  probeFirst: z
    .boolean()
    .default(false)
    .describe('fit the classifier to the encoder as it is, in seconds, before both learn (LP-FT)'),
  trainable: z
    .enum(['all', 'last-stage', 'classifier'])
    .default('all')
    .describe('part that learns; the rest keeps its weights and statistics'),
  backboneLr: z
    .number()
    .positive()
    .default(1)
    .describe('learning rate of the encoder as a multiple of the classifier’s'),
  layerDecay: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('learning rate of each stage as a multiple of that of the stage above it'),
  batchNorm: z
    .enum(['batch', 'frozen'])
    .default('batch')
    .describe('statistics that batch norm uses in training: of the batch, or those that came with the weights'),
  averageWeights: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'decay of a running mean of the weights that is tested and kept instead of the last ones; 0 keeps the last',
    ),
  mixup: z
    .number()
    .min(0)
    .default(0)
    .describe('mixes images and labels in pairs by shares of Beta(mixup, mixup); 0 does not'),
  labelSmoothing: z.number().min(0).max(1).default(0).describe('fraction of the label that is spread over all classes'),
  cropScaleMin: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('smallest fraction of the image area that a training crop shows; 1 does not crop'),
  flip: z.number().min(0).max(1).default(0.5).describe('probability of a mirror image'),
  translate: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe('training images are moved by up to this fraction of their side, black where nothing is'),
  jitter: z.number().min(0).max(1).default(0).describe('probability of colour jitter, in the strengths of SimCLR'),
  randAugment: z
    .number()
    .int()
    .min(0)
    .max(8)
    .default(0)
    .describe('operations of RandAugment that each training image goes through, of strength 9 of 30'),
  cutout: z.number().min(0).max(1).default(0).describe('side of a covered square as a fraction of the image’s side'),
  ...growingViews,
  validation: z
    .number()
    .min(0)
    .max(0.9)
    .or(z.literal('val'))
    .default(0)
    .describe(
      'fraction of the labelled images that is tested on instead of the test set; val is the set’s own such part',
    ),
};

type WithoutDefault<Field> = Field extends z.ZodDefault<infer Inner> ? z.ZodOptional<Inner> : never;

/** The same settings with nothing filled in: those of a part of an experiment, which come on top of what is set for all. */
export const finetuneChanges = Object.fromEntries(
  Object.entries(finetuneRecipe).map(([name, field]) => [name, field.unwrap().optional()]),
) as { [Name in keyof typeof finetuneRecipe]: WithoutDefault<(typeof finetuneRecipe)[Name]> };

const start = {
  ...pretrainedNetwork,
  init: z
    .string()
    .default('scratch')
    .describe(
      'scratch (see pretrain --model auto if no network is named), a run folder, a weights file, imagenet, or hub:OWNER/NAME',
    ),
};

const training = {
  ...finetuneRecipe,
  ...machine,
  ...repeat,
  ...output('run'),
  ...checkpoints,
  ...resume,
  ...own,
};

export const finetuneSchema = z.strictObject({
  ...source,
  ...start,
  fraction: z.number().gt(0).max(1).default(1).describe('fraction of the labels, the same from every class'),
  ...subset,
  ...training,
});

export const distilSchema = z.strictObject({
  ...source,
  teacher: z.string().describe('run folder of finetune or classify, which names what is in the images'),
  teacherTemperature: z
    .number()
    .positive()
    .default(1)
    .describe('the teacher’s logits are divided by this; below 1 its predictions are sharper'),
  ...start,
  ...training,
});

export type DistilConfig = z.output<typeof distilSchema>;
export type FinetuneConfig = z.output<typeof finetuneSchema>;
/** What both share. */
export type ClassifierConfig = Omit<FinetuneConfig, 'fraction' | 'subset'>;
