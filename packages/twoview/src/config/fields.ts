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
    .describe('side of the square that images are brought to, in pixels'),
  skipCorrupt: z.boolean().default(DEFAULTS.skipCorrupt).describe('leave damaged images out, and count them'),
  background: z
    .string()
    .default(DEFAULTS.background)
    .describe('colour under transparent pixels: white, black, gray, or six digits as in ffe4b5'),
  encoding: z
    .string()
    .default(DEFAULTS.encoding)
    .describe('encoding of a table; auto is UTF-8, or what its first bytes say'),
  pathColumn: z
    .string()
    .default(DEFAULTS.pathColumn)
    .describe('column of a table that holds paths; auto knows the usual names'),
  labelColumn: z
    .string()
    .default(DEFAULTS.labelColumn)
    .describe('column of a table that holds labels; auto knows the usual names, none uses no column'),
  splitColumn: z
    .string()
    .default(DEFAULTS.splitColumn)
    .describe('column of a table that names the parts; auto knows the usual names, none uses no column'),
  exclude: z
    .enum(['none', 'duplicates'])
    .default(DEFAULTS.exclude)
    .describe('test images to leave out: duplicates are those that show the picture of a training image'),
};
export type Reading = z.output<z.ZodObject<typeof reading>>;

export const source = {
  data: z
    .string()
    .describe(
      'images: a folder, a CSV of path,label, CIFAR batches, a safetensors file, or a name: cifar10, cifar100, shapes, shapes-source',
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
      'network, see twoview models; auto is airbench for images of up to 64 pixels on a CPU, and resnet18 for others',
    ),
  stem: z
    .enum(['auto', ...STEMS])
    .default('auto')
    .describe(
      'first layers: cifar keeps 32-pixel images large, cifar-half is four times as quick, imagenet is for 224; auto is cifar up to 64 pixels, imagenet above',
    ),
};

/** For a network whose weights may say which one it is. */
export const pretrainedNetwork = {
  model: z.string().default('auto').describe('network, see twoview models; auto is what the weights were made with'),
  stem: z
    .enum(['auto', ...STEMS])
    .default('auto')
    .describe('first layers; auto is what the weights were made with, or what suits the size of the images'),
};

export const machine = {
  device: z
    .string()
    .regex(/^(auto|cpu|cuda(:\d+)?)$/, 'must be cpu, cuda, cuda:1 or auto')
    .default('auto')
    .describe('cpu, cuda or auto: the GPU where there is one'),
  threads: count().or(z.literal('auto')).default('auto').describe('threads of one operator; auto is all cores'),
  precision: z
    .enum(['auto', 'float32', 'bfloat16'])
    .default('auto')
    .describe('number format of convolutions; auto measures which is faster here'),
  deterministic: z
    .boolean()
    .default(true)
    .describe(
      'choose those algorithms of a GPU that give the same bits in every run, so that a resumed run ends alike',
    ),
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
    .describe('highest learning rate; auto follows optimizer and batch size'),
  schedule: z
    .enum(['cosine', 'constant'])
    .default('cosine')
    .describe('schedule of the learning rate after the warm-up: cosine falls to zero, constant stays'),
  momentum: share().default(0.9).describe('momentum of sgd and lars'),
  weightDecay: z.number().min(0).default(5e-4).describe('weight decay of weights; norms and biases have none'),
};

/** The views of SimCLR. Defaults are the poster's, in the strengths of its code (reference 4). */
export const views = {
  cropScaleMin: share().default(0.2).describe('smallest fraction of the image area that a crop shows'),
  flip: share().default(0.5).describe('probability of a mirror image'),
  jitter: share().default(0.8).describe('probability of colour jitter'),
  brightness: z.number().min(0).default(0.4).describe('brightness factor is drawn from 1 - x to 1 + x'),
  contrast: z.number().min(0).default(0.4).describe('contrast factor is drawn from 1 - x to 1 + x'),
  saturation: z.number().min(0).default(0.4).describe('saturation factor is drawn from 1 - x to 1 + x'),
  hue: z.number().min(0).max(0.5).default(0.1).describe('hue shifts by up to this fraction of the colour circle'),
  grayscale: share().default(0.2).describe('probability of grayscale'),
  blur: share().default(0).describe('probability of Gaussian blur'),
};

/** Which labels are used where not all are. */
export const subset = {
  subset: z
    .enum(['random', 'first'])
    .default('random')
    .describe(
      'which images of a class keep their labels: drawn by the seed, or the first ones, as in published subsets',
    ),
};

/** Of every training, whatever else its views are. */
export const growingViews = {
  viewSizes: z
    .array(z.number().int().min(8))
    .default([])
    .describe(
      'sides of the views in pixels, one after the other, each for the same amount of computing; none keeps the size of the images',
    ),
};

export const neighbours = {
  k: count().default(200).describe('neighbours that vote'),
  knnTemperature: z.number().positive().default(0.5).describe('votes weigh exp(similarity / this)'),
};

export const repeat = { seed: z.number().int().min(0).default(0).describe('every random draw comes from this') };

export const output = (what: string) => ({ out: z.string().describe(`folder of the ${what}; it must not exist yet`) });
export const checkpoints = {
  checkpointMinutes: z
    .number()
    .min(0)
    .default(3)
    .describe('minutes between two checkpoints; 0 writes one after every step'),
};
export const resume = { resume: z.boolean().default(false).describe('go on with what --out holds') };

/** What a caller of the library brought, by the part that it takes: nobody sets it, a run records it. */
export const own = { own: z.record(z.string(), z.string()).default({}).meta({ recorded: true }) };
