/** @file Settings of `twoview compare`: one grid of models, arms, label fractions and seeds. */
import { z } from 'zod';
import { checkpoints, machine, network, output, own, resume, source, subset } from './fields.js';
import { finetuneChanges, finetuneRecipe } from './finetune.js';
import { LOSS_NAMES, pretrainRecipe } from './pretrain.js';

const unlabelledLoss = z
  .enum(LOSS_NAMES)
  .exclude(['suncet'])
  .default('nt-xent')
  .describe('loss on the projections of the two views of each image');

/** The first three are the poster's. In the others the encoder does not learn from labels: a classifier is fitted to it. */
export const ARMS = ['supervised', 'transfer', 'semi-supervised', 'frozen', 'random'] as const;
export type Arm = (typeof ARMS)[number];
export const POSTER_ARMS = ARMS.slice(0, 3);
/** Arms that need SimCLR's encoder. */
export const SIMCLR_ARMS: readonly Arm[] = ['semi-supervised', 'frozen'];
/** Arms whose encoder stays as it is. */
export const FROZEN_ARMS: readonly Arm[] = ['frozen', 'random'];

const only = <Schema extends z.ZodType>(each: Schema) => z.array(each).min(1).optional();

const grid = z.strictObject({
  ...source,
  unlabelled: z.string().default('').describe('images for SimCLR; without it, those of --data'),
  models: z.array(z.string()).min(1).default(['resnet18']).describe('networks, separated by commas'),
  stem: network.stem,
  arms: z
    .array(z.enum(ARMS))
    .min(1)
    .default([...POSTER_ARMS])
    .describe(
      'arms: ways to train a classifier, separated by commas; frozen fits one to SimCLR’s encoder, which is not trained further, and random to an encoder with random weights',
    ),
  fractions: z
    .array(z.number().gt(0).max(1))
    .min(1)
    .default([0.01, 0.1, 1])
    .describe('fractions of the labels, separated by commas'),
  ...subset,
  seeds: z
    .number()
    .int()
    .min(1)
    .default(3)
    .describe('number of seeds; each repeats the experiment with its own random draws and label subsets'),
  twins: z
    .boolean()
    .default(true)
    .describe('add accuracies on those test images that have no twin among the training images'),
  equalCompute: z
    .boolean()
    .default(false)
    .describe(
      'train the other arms for as many floating-point operations as SimCLR’s pre-training and fine-tuning take together, if their epochs take fewer',
    ),
  transferData: z.string().default('').describe('labelled images that the transfer arm is pre-trained on'),
  transferWeights: z
    .string()
    .default('')
    .describe(
      'pre-trained weights for the transfer arm, instead of --transfer-data: a run folder, a weights file, imagenet, or hub:OWNER/NAME',
    ),
  transfer: z.strictObject(finetuneRecipe).prefault({}).describe('training of the transfer source'),
  // suncet would learn from all labels, whatever fraction of them an arm may use.
  pretrain: z
    .strictObject({ ...pretrainRecipe, loss: unlabelledLoss })
    .prefault({})
    .describe('SimCLR pre-training'),
  finetune: z
    .strictObject(finetuneRecipe)
    .prefault({})
    .describe('training with labels, the same for all arms in which the network learns from them'),
  exceptions: z
    .array(
      z.strictObject({
        models: only(z.string()),
        arms: only(z.enum(ARMS)),
        fractions: only(z.number().gt(0).max(1)),
        finetune: z.strictObject(finetuneChanges),
      }),
    )
    .default([])
    .describe('settings of finetune for some models, arms or fractions only; later ones override earlier ones'),
  ...machine,
  ...output('experiment'),
  ...checkpoints,
  ...resume,
  ...own,
});

/**
 * An exception for what the grid does not hold is a slip, and would be found out after hours. Not so an arm that was left out:
 * its name is checked above, and a preset has exceptions by arm.
 */
export const compareSchema = grid.superRefine((config, context) => {
  for (const [i, exception] of config.exceptions.entries()) {
    for (const axis of ['models', 'fractions'] as const) {
      const held: readonly (string | number)[] = config[axis];
      for (const value of exception[axis] ?? []) {
        if (held.includes(value)) continue;
        const message = `${value} is not among the ${axis} of this experiment: ${held.join(', ')}`;
        context.addIssue({ code: 'custom', message, path: ['exceptions', i, axis] });
      }
    }
  }
});

export type CompareConfig = z.output<typeof compareSchema>;
