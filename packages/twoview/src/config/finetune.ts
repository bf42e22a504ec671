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
    .describe('passes over the training images; 0 keeps the classifier that --probe-first fits, without training'),
  maxSteps: z.number().int().min(0).default(0).describe('most steps, even if the epochs need more; 0 sets no limit'),
  minSteps: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('fewest steps, even if the epochs need fewer because there are few labels'),
  batchSize: z.number().int().min(2).default(128).describe('images per step'),
  warmupEpochs: z
    .number()
    .min(0)
    .or(z.literal('auto'))
    .default('auto')
    .describe('epochs of warm-up, in which the learning rate rises linearly; auto is a tenth of all steps'),
  ...optimisation,
  lr: z
    .number()
    .positive()
    .or(z.literal('auto'))
    .default('auto')
    .describe(
      'highest learning rate; auto is 0.06 from scratch and 0.03 from pre-trained weights, with adam and adamw 0.003 and 0.001, times the batch size / 128',
    ),
  headLayer: z
    .number()
    .int()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'layers of the projection head that stay below the classifier: none, or the first one, as in SimCLRv2 for few labels',
    ),
  probeFirst: z
    .boolean()
    .default(false)
    .describe('fit a linear probe first and fine-tune from there (LP-FT); takes seconds'),
  trainable: z
    .enum(['all', 'last-stage', 'classifier'])
    .default('all')
    .describe('part that is trained; the rest keeps its weights and batch-norm statistics'),
  backboneLr: z
    .number()
    .positive()
    .default(1)
    .describe('learning rate of the encoder, as a multiple of the classifier’s'),
  layerDecay: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('layer-wise learning-rate decay: learning rate of a stage, as a multiple of that of the stage above it'),
  batchNorm: z
    .enum(['batch', 'frozen'])
    .default('batch')
    .describe('statistics of batch norm in training: those of the batch, or frozen, those of the pre-trained weights'),
  averageWeights: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe(
      'decay of an exponential moving average of the weights, which is tested and kept instead of the last weights; 0 keeps the last weights',
    ),
  mixup: z
    .number()
    .min(0)
    .default(0)
    .describe('mixup: alpha of the distribution Beta(alpha, alpha) that mixing weights are drawn from; 0 turns it off'),
  labelSmoothing: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('label smoothing: fraction of the label that is spread over all classes'),
  cropScaleMin: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('smallest area of a random crop, as a fraction of the image; 1 does not crop'),
  flip: z.number().min(0).max(1).default(0.5).describe('probability of a horizontal flip'),
  translate: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe('shift of training images, up to this fraction of their side; the border is black'),
  jitter: z.number().min(0).max(1).default(0).describe('probability of colour jitter, in the strengths of SimCLR'),
  randAugment: z
    .number()
    .int()
    .min(0)
    .max(8)
    .default(0)
    .describe('RandAugment: operations per training image, of magnitude 9 of 30'),
  cutout: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Cutout: side of the masked square, as a fraction of the image’s side'),
  ...growingViews,
  validation: z
    .number()
    .min(0)
    .max(0.9)
    .or(z.literal('val'))
    .default(0)
    .describe(
      'test on this fraction of the labelled images instead of the test split, and do not train on it; val is the validation split',
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
    .refine((text) => text !== '', 'names no weights; scratch stands for random ones')
    .default('scratch')
    .describe(
      'weights that training starts from: scratch (random weights), a run folder, a .safetensors or .pth file, imagenet, or hub:OWNER/NAME',
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
  fraction: z.number().gt(0).max(1).default(1).describe('fraction of the labels to use, the same in every class'),
  ...subset,
  ...training,
});

export const distilSchema = z.strictObject({
  ...source,
  teacher: z.string().describe('run folder of the teacher, made by finetune, distil or classify'),
  teacherTemperature: z
    .number()
    .positive()
    .default(1)
    .describe('temperature that the teacher’s logits are divided by; below 1 its predictions are sharper'),
  ...start,
  ...training,
});

export type DistilConfig = z.output<typeof distilSchema>;
export type FinetuneConfig = z.output<typeof finetuneSchema>;
/** What both share. */
export type ClassifierConfig = Omit<FinetuneConfig, 'fraction' | 'subset'>;
