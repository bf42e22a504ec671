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
  epochs: z.number().int().min(1).default(100).describe('passes over the images'),
  batchSize: z.number().int().min(2).default(256).describe('images per step; SimCLR makes two views of each'),
  microBatch: z
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'gradient caching: images that are in memory at once, a divisor of the batch size; costs a second forward pass; 0 computes the batch as a whole',
    ),
  recompute: z
    .boolean()
    .default(false)
    .describe(
      'activation checkpointing: recompute activations in the backward pass, which saves memory and takes a third more time',
    ),
  loss: z
    .enum(LOSS_NAMES)
    .default('nt-xent')
    .describe('loss on the projections of the two views of each image; suncet also uses the labels of training images'),
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
    .describe('linear layers of the projection head: 2 in SimCLR, 3 in SimCLRv2'),
  projectionSize: z.number().int().min(1).default(128).describe('dimension of a projection z'),
  warmupEpochs: auto(
    z.number().min(0),
    'epochs of warm-up, in which the learning rate rises linearly; auto is a tenth of all epochs, at most 5',
  ),
  ...optimisation,
  optimizer: z
    .enum(['auto', ...optimisation.optimizer.unwrap().options])
    .default('auto')
    .describe('optimizer; sgd has Nesterov momentum; auto is muon for airbench, and sgd for other networks'),
  ...views,
  viewSizes: auto(
    growingViews.viewSizes.unwrap(),
    'progressive resizing: sides of the views in pixels, used one after the other, each for the same share of the computation; auto is a half, three quarters and the whole side of the images for airbench, and their whole side for other networks',
  ),
  ...neighbours,
  heldOut: z
    .number()
    .int()
    .min(0)
    .default(1000)
    .describe('training images that are not trained on; kNN is tested on them during training; 0 holds none out'),
  knnEvery: z.number().int().min(1).default(5).describe('epochs between two kNN tests'),
  limit: z.number().int().min(0).default(0).describe('use only this many training images; 0 uses all'),
};

export const pretrainSchema = z.strictObject({
  ...source,
  ...network,
  method: z
    .enum(['simclr', 'supervised'])
    .default('simclr')
    .describe('simclr needs no labels; supervised trains on labels, for the transfer arm'),
  ...pretrainRecipe,
  ...machine,
  ...repeat,
  ...output('run'),
  ...checkpoints,
  ...resume,
  ...own,
});

export type PretrainConfig = z.output<typeof pretrainSchema>;
