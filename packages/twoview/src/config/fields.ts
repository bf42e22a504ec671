/**
 * @file Settings that several commands share. A setting is declared once: its type, bounds, default and sentence make the
 * flag, the line in a config file, --help, --print-config and docs/cli.md.
 */
import { z } from 'zod';
import { READING_DEFAULTS as DEFAULTS } from './reading-defaults.js';

const share = () => z.number().min(0).max(1);
const count = () => z.number().int().min(1);

/** How images are read, whatever the source. */
export const reading = {
  imageSize: count()
    .or(z.literal('auto'))
    .default(DEFAULTS.imageSize)
    .describe(
      'images are resized and cropped to squares with this side, in pixels; auto follows the size of the images',
    ),
  skipCorrupt: z
    .boolean()
    .default(DEFAULTS.skipCorrupt)
    .describe('leave damaged images out and count them, instead of stopping with an error'),
  background: z
    .string()
    .default(DEFAULTS.background)
    .describe('colour behind transparent pixels: white, black, gray, or six hexadecimal digits such as ffe4b5'),
  encoding: z
    .string()
    .default(DEFAULTS.encoding)
    .describe('text encoding of a CSV; auto is UTF-8 unless its byte-order mark names another'),
  pathColumn: z
    .string()
    .default(DEFAULTS.pathColumn)
    .describe('column of a CSV with the paths; auto finds it by the usual names'),
  labelColumn: z
    .string()
    .default(DEFAULTS.labelColumn)
    .describe('column of a CSV with the labels; auto finds it by the usual names, none ignores labels'),
  splitColumn: z
    .string()
    .default(DEFAULTS.splitColumn)
    .describe('column of a CSV with the split (train, val, test); auto finds it by the usual names, none ignores it'),
  exclude: z
    .enum(['none', 'duplicates'])
    .default(DEFAULTS.exclude)
    .describe(
      'test images to leave out; duplicates are those with a twin, an equal or similar image, among the training images',
    ),
};
export type Reading = z.output<z.ZodObject<typeof reading>>;

export const source = {
  data: z
    .string()
    .describe(
      'images: a folder, a CSV of path,label,split, CIFAR batches, a safetensors file, or one of the names cifar10, cifar100, shapes, shapes-source',
    ),
  ...reading,
};

/** First layers of a network; cifar-half differs from cifar in its stride alone, so that both have the same weights. */
export const STEMS = ['cifar', 'cifar-half', 'imagenet'] as const;
export type Stem = (typeof STEMS)[number];

export const network = {
  model: z
    .string()
    .default('auto')
    .describe(
      'network; twoview models lists them; auto is airbench for images of up to 64 pixels on a CPU, and resnet18 otherwise',
    ),
  stem: z
    .enum(['auto', ...STEMS])
    .default('auto')
    .describe(
      'first layers: cifar has stride 1, for images of 32 pixels; cifar-half has stride 2 and is four times as fast; imagenet is the published one, for 224 pixels; auto is cifar up to 64 pixels, imagenet above',
    ),
};

/** For a network whose weights may say which one it is. */
export const pretrainedNetwork = {
  model: z
    .string()
    .default('auto')
    .describe('network; twoview models lists them; auto is the one that the weights are of'),
  stem: z
    .enum(['auto', ...STEMS])
    .default('auto')
    .describe(
      'first layers; auto is the stem that the weights were trained with; where they do not name it, cifar up to 64 pixels, imagenet above',
    ),
};

export const machine = {
  device: z
    .string()
    .regex(/^(auto|cpu|cuda(:\d+)?)$/, 'must be cpu, cuda, cuda:1 or auto')
    .default('auto')
    .describe('cpu, cuda, cuda:1 or auto, which is the GPU if there is one'),
  threads: count()
    .or(z.literal('auto'))
    .default('auto')
    .describe('CPU threads of one operator; auto is as many as there are cores'),
  precision: z
    .enum(['auto', 'float32', 'bfloat16'])
    .default('auto')
    .describe('number format of convolutions; auto measures which one is faster on this machine'),
  deterministic: z
    .boolean()
    .default(true)
    .describe('use deterministic GPU algorithms, which a resumed run needs to end with the same bytes'),
};

/** Results must not depend on a stopwatch, so evaluation measures nothing. */
export const evaluation = {
  ...machine,
  precision: machine.precision.unwrap().default('float32').describe('number format of convolutions'),
};

export const optimisation = {
  optimizer: z
    .enum(['sgd', 'lars', 'adam', 'adamw', 'muon'])
    .default('sgd')
    .describe('optimizer; sgd has Nesterov momentum'),
  lr: z
    .number()
    .positive()
    .or(z.literal('auto'))
    .default('auto')
    .describe('highest learning rate; auto depends on the optimizer and the batch size'),
  schedule: z
    .enum(['cosine', 'constant'])
    .default('cosine')
    .describe('learning rate after the warm-up: cosine falls to zero, constant stays at --lr'),
  momentum: share().default(0.9).describe('momentum of sgd and lars'),
  weightDecay: z.number().min(0).default(5e-4).describe('weight decay of all parameters except norms and biases'),
};

/** The views of SimCLR. Defaults are the poster's, in the strengths of its code (reference 4). */
export const views = {
  cropScaleMin: share().default(0.2).describe('smallest area of a random crop, as a fraction of the image'),
  flip: share().default(0.5).describe('probability of a horizontal flip'),
  jitter: share().default(0.8).describe('probability of colour jitter'),
  brightness: z
    .number()
    .min(0)
    .default(0.4)
    .describe('colour jitter: the brightness factor is drawn from 1 - x to 1 + x'),
  contrast: z.number().min(0).default(0.4).describe('colour jitter: the contrast factor is drawn from 1 - x to 1 + x'),
  saturation: z
    .number()
    .min(0)
    .default(0.4)
    .describe('colour jitter: the saturation factor is drawn from 1 - x to 1 + x'),
  hue: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe('colour jitter: the hue shifts by up to this fraction of the colour circle'),
  grayscale: share().default(0.2).describe('probability of grayscale'),
  blur: share().default(0).describe('probability of Gaussian blur'),
};

/** Which labels are used where not all are. */
export const subset = {
  subset: z
    .enum(['random', 'first'])
    .default('random')
    .describe(
      'which images of each class keep their labels: random draws them by the seed, first takes the first ones, as published subsets do',
    ),
};

/** Of every training, whatever else its views are. */
export const growingViews = {
  viewSizes: z
    .array(z.number().int().min(8))
    .default([])
    .describe(
      'progressive resizing: sides of the views in pixels, used one after the other, each for the same share of the computation; without it views are as large as the images',
    ),
};

export const neighbours = {
  k: count().default(200).describe('kNN: number of neighbours that vote'),
  knnTemperature: z.number().positive().default(0.5).describe('kNN: temperature t; a vote weighs exp(similarity / t)'),
};

export const repeat = { seed: z.number().int().min(0).default(0).describe('seed of all random draws') };

export const output = (what: string) => ({
  out: z.string().describe(`folder of the ${what}; it must not exist yet, except with --resume`),
});
export const checkpoints = {
  checkpointMinutes: z
    .number()
    .min(0)
    .default(3)
    .describe('minutes between two checkpoints; 0 writes one after every step'),
};
export const resume = { resume: z.boolean().default(false).describe('resume what was stopped in --out') };

/** What a caller of the library brought, by the part that it takes: nobody sets it, a run records it. */
export const own = { own: z.record(z.string(), z.string()).default({}).meta({ recorded: true }) };
