/** @file Settings of `twoview pretrain`. */
import { z } from 'zod';
import {
  checkpoints,
  growingViews,
  machine,
  neighbours,
  network,
  optimisation,
  output,
  own,
  repeat,
  resume,
  source,
  views,
} from './fields.js';

/** The losses of packages/twoview/src/losses. */
export const LOSS_NAMES = ['nt-xent', 'decoupled', 'suncet', 'barlow-twins', 'vicreg'] as const;
/** A setting that `auto` leaves to the network and the length of the training. */
const auto = <Type extends z.ZodType>(type: Type, what: string) =>
  type
    .or(z.literal('auto'))
    .default('auto' as never)
    .describe(what);

export type LossName = (typeof LOSS_NAMES)[number];

/** What makes a pre-training, apart from data and folder: `compare` takes these as pretrain.* */
export const pretrainRecipe = {
  epochs: z.number().int().min(1).default(100).describe('times that each image is seen'),
  batchSize: z.number().int().min(2).default(256).describe('images a step; SimCLR makes two views of each'),
  microBatch: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'images that are in memory at once, a divisor of batchSize; each is computed twice; 0 holds the whole batch',
    ),
  recompute: z
    .boolean()
    .default(false)
    .describe('compute activations a second time instead of keeping them, for large images: a third more time'),
  loss: z
    .enum(LOSS_NAMES)
    .default('nt-xent')
    .describe('loss of the projections of the two views of each image; suncet also uses the labels of training images'),
  temperature: z
    .number()
    .positive()
    .or(z.literal('auto'))
    .default('auto')
    .describe(
      'temperature of nt-xent, decoupled and suncet; auto is 0.5 for nt-xent, 0.2 with airbench, and 0.1 for the other losses',
    ),
  projectionLayers: z
    .number()
    .int()
    .min(2)
    .default(2)
    .describe('linear layers of the projection head; 2 in SimCLR, 3 in SimCLRv2'),
  projectionSize: z.number().int().min(1).default(128).describe('length of a projection z'),
  warmupEpochs: auto(z.number().min(0), 'epochs of rising learning rate; auto is a tenth of all, at most 5'),
  ...optimisation,
  optimizer: z
    .enum(['auto', ...optimisation.optimizer.unwrap().options])
    .default('auto')
    .describe('optimizer; sgd has Nesterov momentum; auto is muon for airbench, and sgd for other networks'),
  ...views,
  viewSizes: auto(
    growingViews.viewSizes.unwrap(),
    'sides of the views in pixels, one after the other, each for the same amount of computing; auto is a half, three quarters and the whole of the images’ side for airbench, and their size for other networks',
  ),
  ...neighbours,
  heldOut: z
    .number()
    .int()
    .min(0)
    .default(1000)
    .describe('training images that kNN is tested on while training; 0 tests none'),
  knnEvery: z.number().int().min(1).default(5).describe('epochs between kNN tests'),
  limit: z.number().int().min(0).default(0).describe('use only this many training images; 0 uses all'),
};

export const pretrainSchema = z.strictObject({
  ...source,
  ...network,
  method: z.enum(['simclr', 'supervised']).default('simclr').describe('supervised makes the source of a transfer'),
  ...pretrainRecipe,
  ...machine,
  ...repeat,
  ...output('run'),
  ...checkpoints,
  ...resume,
  ...own,
});

export type PretrainConfig = z.output<typeof pretrainSchema>;
