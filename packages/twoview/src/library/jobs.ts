/**
 * @file The commands as functions: settings are plain (what is left out has the command's default), and a name may be replaced by an
 * object: `data` by a set of images, `encoder` by a network, `loss` by a function, `views` by a pipeline.
 */
import type { z } from 'zod';
import { classifySchema } from '../config/classify.js';
import { compareSchema } from '../config/compare.js';
import { embedSchema, knnSchema, probeSchema } from '../config/evaluate.js';
import { distilSchema, finetuneSchema } from '../config/finetune.js';
import { parseConfig } from '../config/parse.js';
import { predictSchema } from '../config/predict.js';
import { pretrainSchema } from '../config/pretrain.js';
import { selectSchema } from '../config/select.js';
import { TwoviewError } from '../errors.js';
import { type EmbedResult, embed as embedJob } from '../evaluate/embed.js';
import { evaluateKnn, type KnnResult } from '../evaluate/knn-run.js';
import { evaluateProbe, type ProbeResult } from '../evaluate/probe-run.js';
import { compare as compareJob } from '../experiment/compare.js';
import type { CompareIo } from '../experiment/open-experiment.js';
import { type PretrainOutcome, pretrain as pretrainJob } from '../experiment/pretrain.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { type ClassifyResult, classify as classifyJob } from '../finetune/classify/classify.js';
import { distil as distilJob, finetune as finetuneJob } from '../finetune/finetune.js';
import type { DistilResult, FinetuneResult } from '../finetune/outcome.js';
import { type PredictResult, predict as predictJob } from '../finetune/predict.js';
import type { OwnIo } from '../own/own.js';
import { coded } from '../runs/coded.js';
import type { JobIo, ProgressEvent } from '../runs/events.js';
import { type SelectResult, select as selectJob } from '../select/select.js';
import { type EncoderLike, type Instances, ownParts } from './own-parts.js';

/** A run by its folder, or as `pretrain` or `finetune` returned it. */
export type RunLike = string | { run: string; encoder?: EncoderLike };

/** After an epoch with its figures: its mean loss, and kNN accuracy where it was measured. */
export interface EpochReport {
  epoch: number;
  epochs: number;
  loss: number;
  knn: number | null;
  /** All that was measured, by name. */
  values: Record<string, number>;
}

export type StepReport = Omit<Extract<ProgressEvent, { type: 'step' }>, 'type'>;

export interface Callbacks extends Pick<JobIo, 'onEvent' | 'signal'> {
  onEpoch?: (report: EpochReport) => void;
  onStep?: (report: StepReport) => void;
}

type Given<Schema extends z.ZodObject, Replaced extends keyof Instances> = Omit<
  z.input<Schema>,
  Replaced | 'own' | 'init' | 'weights' | 'teacher'
> &
  Pick<Instances, Replaced | 'version'> &
  Callbacks;

export type PretrainOptions = Given<
  typeof pretrainSchema,
  'data' | 'encoder' | 'loss' | 'views' | 'head' | 'optimizer'
> &
  Pick<JobIo, 'onRepresentations'>;
export type FinetuneOptions = Given<typeof finetuneSchema, 'data' | 'encoder' | 'views' | 'optimizer'> & {
  /** Where training starts: `scratch` (the default), a run, a weights file, or `imagenet`. */
  init?: RunLike;
};
export type DistilOptions = Given<typeof distilSchema, 'data' | 'encoder' | 'views' | 'optimizer'> & {
  init?: RunLike;
  teacher: RunLike;
};
type Frozen = { weights: RunLike };
export type KnnOptions = Given<typeof knnSchema, 'data' | 'encoder'> & Frozen;
export type ProbeOptions = Given<typeof probeSchema, 'data' | 'encoder'> & Frozen;
export type ClassifyOptions = Given<typeof classifySchema, 'data' | 'encoder'> & Frozen;
export type EmbedOptions = Given<typeof embedSchema, 'data' | 'encoder'> & Frozen;
export type SelectOptions = Given<typeof selectSchema, 'data' | 'encoder'> & Partial<Frozen>;
export type PredictOptions = Omit<Given<typeof predictSchema, 'data' | 'encoder'>, 'run'> & { run: RunLike };
export type CompareOptions = Given<typeof compareSchema, 'data' | 'encoder' | 'loss' | 'views' | 'head'> &
  Pick<CompareIo, 'only' | 'reuse' | 'onPlan' | 'onJob'>;

/** What goes elsewhere than into settings. */
const NOT_SETTINGS = ['onEvent', 'onEpoch', 'onStep', 'onRepresentations', 'signal', 'own', 'version'];
/** Options that may be an object or a function instead of a name. */
const OBJECTS = ['data', 'encoder', 'loss', 'views', 'head', 'optimizer'] as const;
type ObjectOption = (typeof OBJECTS)[number];
const TRAINING = ['data', 'encoder', 'views', 'optimizer'] as const;
const FROZEN = ['data', 'encoder'] as const;
const EXPERIMENT = ['data', 'encoder', 'loss', 'views', 'head'] as const;
/** Settings that name a run. */
const RUNS = ['init', 'weights', 'teacher', 'run'];

type Options = Record<string, unknown> & Instances & Callbacks;

/**
 * What a caller passed, as settings that hold and what else the job works with.
 *
 * @param takes options that may be objects here
 */
async function split<Schema extends z.ZodObject>(schema: Schema, takes: readonly ObjectOption[], given: object) {
  const options = given as Options;
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || NOT_SETTINGS.includes(key)) continue;
    const name = key === 'encoder' ? 'model' : key;
    if (RUNS.includes(key) && typeof value === 'object') settings[key] = (value as { run: string }).run;
    else if (typeof value === 'string' || !OBJECTS.includes(key as ObjectOption)) settings[name] = value;
    else if (!takes.includes(key as ObjectOption)) throw notTaken(key, takes);
    else if (key === 'data') settings.data = 'own';
  }
  const start = RUNS.map((key) => options[key]).find((run) => typeof run === 'object') as
    | { encoder?: EncoderLike }
    | undefined;
  const encoder = options.encoder ?? start?.encoder;
  const own = await ownParts({ ...options, ...(encoder !== undefined && { encoder }) });
  return { config: parseConfig(schema, settings, 'options'), io: { ...ioOf(options), ...(own && { own }) } as OwnIo };
}

/** Callbacks in a second argument would be ignored in silence. */
const job = <Options, Result>(body: (options: Options) => Promise<Result>): ((options: Options) => Promise<Result>) =>
  coded(async (options: Options, ...others: unknown[]) => {
    if (others.length === 0) return await body(options);
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'this function takes one argument: settings, objects and callbacks together',
      where: `${others.length + 1} arguments`,
      next: ['pretrain({ data, out, onEvent, signal })'],
    });
  });

const notTaken = (key: string, takes: readonly string[]): TwoviewError =>
  new TwoviewError('CONFIG_INVALID', {
    what: `this function takes no ${key} of one's own`,
    where: `options: ${key}`,
    next: [`${takes.join(', ')} may be objects here`],
  });

function ioOf({ onEvent, onEpoch, onStep, onRepresentations, signal }: Callbacks & JobIo): JobIo {
  let [sum, count] = [0, 0];
  const each = (event: ProgressEvent) => {
    onEvent?.(event);
    if (event.type === 'step') {
      const { type: _, ...report } = event;
      onStep?.(report);
      // Fine-tuning measures nothing after an epoch but its loss.
      const { phase, step, steps, epoch, epochs } = event;
      if (step === 1) [sum, count] = [0, 0];
      [sum, count] = [sum + event.loss, count + 1];
      const loss = sum / count;
      if (phase !== 'pretrain' && step === steps)
        onEpoch?.({ epoch, epochs, loss, knn: null, values: { epochLoss: loss } });
    }
    if (event.type === 'metrics') {
      const { epoch, epochs, values } = event;
      onEpoch?.({ epoch, epochs, loss: values.epochLoss ?? Number.NaN, knn: values.knn ?? null, values });
    }
  };
  return { onEvent: each, ...(signal && { signal }), ...(onRepresentations && { onRepresentations }) };
}

type WithEncoder<Result> = Result & { encoder?: EncoderLike };

/** With the network that was brought, so that the next job knows it; not among what is printed or written. */
function withEncoder<Result extends object>(
  result: Result,
  { encoder }: Instances,
): Result & { encoder?: EncoderLike } {
  if (encoder === undefined || typeof encoder === 'string') return result;
  return Object.defineProperty(result, 'encoder', { value: encoder, enumerable: false });
}

interface Pretrain {
  (
    options: PretrainOptions & { method?: 'simclr' },
  ): Promise<WithEncoder<Extract<PretrainOutcome, { method: 'simclr' }>>>;
  (options: PretrainOptions): Promise<WithEncoder<PretrainOutcome>>;
}

/** Pre-trains an encoder into a run folder, without labels or with them. @throws TwoviewError, TorchError */
export const pretrain = job(async (options: PretrainOptions) => {
  const { config, io } = await split(pretrainSchema, OBJECTS, options);
  return withEncoder(await pretrainJob(config, io), options as Instances);
}) as Pretrain;

/** Trains a classifier from random or pre-trained weights, and writes a run folder. @throws TwoviewError, TorchError */
export const finetune = job(async (options: FinetuneOptions): Promise<FinetuneResult & { encoder?: EncoderLike }> => {
  const { config, io } = await split(finetuneSchema, TRAINING, options);
  return withEncoder(await finetuneJob(config, io), encoderOf(options));
});

/** The network that was given, else that of the run that it starts from. */
const encoderOf = ({ encoder, init, weights }: { encoder?: unknown; init?: RunLike; weights?: RunLike }): Instances => {
  const start = init ?? weights;
  return { encoder: encoder ?? (typeof start === 'object' ? start.encoder : undefined) } as Instances;
};

/** Trains a student on what a teacher says of images. @throws TwoviewError, TorchError */
export const distil = job(async (options: DistilOptions): Promise<DistilResult> => {
  const { config, io } = await split(distilSchema, TRAINING, options);
  return distilJob(config, io);
});

/** kNN accuracy of a run or of weights. @throws TwoviewError, TorchError */
export const knn = job(async (options: KnnOptions): Promise<KnnResult> => {
  const { config, io } = await split(knnSchema, FROZEN, options);
  return await evaluateKnn(config, io);
});

/** Accuracy of a linear classifier on frozen representations. @throws TwoviewError, TorchError */
export const probe = job(async (options: ProbeOptions): Promise<ProbeResult> => {
  const { config, io } = await split(probeSchema, FROZEN, options);
  return await evaluateProbe(config, io);
});

/** A classifier of a frozen encoder and few labels, in seconds; writes a run folder. @throws TwoviewError, TorchError */
export const classify = coded(async (options: ClassifyOptions): Promise<ClassifyResult & { encoder?: EncoderLike }> => {
  const { config, io } = await split(classifySchema, FROZEN, options);
  return withEncoder(await classifyJob(config, io), encoderOf(options));
});

/** Representations of images, into a safetensors file. @throws TwoviewError, TorchError */
export const embed = job(async (options: EmbedOptions): Promise<EmbedResult> => {
  const { config, io } = await split(embedSchema, FROZEN, options);
  return await embedJob(config, io);
});

/** Which images to label, into a table to fill in. @throws TwoviewError, TorchError */
export const select = coded(async (options: SelectOptions): Promise<SelectResult> => {
  const { config, io } = await split(selectSchema, FROZEN, options);
  return await selectJob(config, io);
});

/** Classes of images, into a table. @throws TwoviewError, TorchError */
export const predict = job(async (options: PredictOptions): Promise<PredictResult> => {
  const { config, io } = await split(predictSchema, FROZEN, options);
  return await predictJob(config, io);
});

/** Networks by arm, label fraction and seed, and a report. @throws TwoviewError, TorchError */
export const compare = job(
  async ({ only, reuse, onPlan, onJob, ...options }: CompareOptions): Promise<ExperimentSummary> => {
    const { config, io } = await split(compareSchema, EXPERIMENT, options);
    const callbacks = { ...(onPlan && { onPlan }), ...(onJob && { onJob }) };
    return await compareJob(config, { ...io, ...callbacks, ...(only && { only }), ...(reuse && { reuse }) });
  },
);
