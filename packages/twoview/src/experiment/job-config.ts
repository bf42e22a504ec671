/** @file The settings of each job, from those of the experiment: made once, when the jobs are listed, and carried by the job. */
import { join } from 'node:path';
import { z } from 'zod';
import { type Arm, type CompareConfig, FROZEN_ARMS } from '../config/compare.js';
import { type Reading, reading } from '../config/fields.js';
import { type FinetuneConfig, finetuneRecipe, finetuneSchema } from '../config/finetune.js';
import { type InspectConfig, inspectSchema } from '../config/inspect.js';
import { parseConfig } from '../config/parse.js';
import { type PretrainConfig, pretrainSchema } from '../config/pretrain.js';
import type { Cell, Inspect, Job } from './jobs.js';

/** A job with the settings of the command that runs it. */
export type ReadyJob =
  | (Extract<Job, { kind: 'pretrain' }> & { config: PretrainConfig })
  | (Extract<Job, { kind: 'transfer' }> & { config: FinetuneConfig })
  | (Inspect & { config: InspectConfig })
  | (Cell & { config: FinetuneConfig });

/** @throws TwoviewError CONFIG_INVALID where the settings do not suit this job */
export function readyJob(config: CompareConfig, job: Job): ReadyJob {
  if (job.kind === 'pretrain') return { ...job, config: pretrainConfig(config, job) };
  if (job.kind === 'transfer') return { ...job, config: transferConfig(config, job) };
  if (job.kind === 'inspect') return { ...job, config: inspectConfig(config, job) };
  return { ...job, config: cellConfig(config, job) };
}

/** How images are read is the same in all jobs. */
const readingOf = (config: Reading): Reading =>
  Object.fromEntries(Object.keys(reading).map((key) => [key, config[key as keyof Reading]])) as unknown as Reading;

function shared(
  { stem, device, threads, precision, deterministic, checkpointMinutes, out, ...config }: CompareConfig,
  { id, model, seed }: Job,
) {
  return {
    ...readingOf(config),
    ...{ stem, device, threads, precision, deterministic, checkpointMinutes },
    ...{ out: join(out, id), model, seed, resume: true },
  };
}

function pretrainConfig(config: CompareConfig, job: Job): PretrainConfig {
  return parseConfig(pretrainSchema, {
    ...config.pretrain,
    ...shared(config, job),
    data: config.unlabelled || config.data,
  });
}

function transferConfig(config: CompareConfig, job: Job): FinetuneConfig {
  return parseConfig(finetuneSchema, { ...config.transfer, ...shared(config, job), data: config.transferData });
}

function inspectConfig(config: CompareConfig, job: Inspect): InspectConfig {
  const { device, threads, deterministic, out, data } = config;
  const { k, knnTemperature } = config.pretrain;
  return parseConfig(inspectSchema, {
    ...{ device, threads, deterministic, data, k, knnTemperature },
    ...{ run: join(out, job.needs), out: join(out, job.id), resume: true },
  });
}

/** What is set for all cells, with the exceptions for this one on top. */
function recipeOf({ finetune, exceptions }: CompareConfig, { model, arm, fraction }: Cell): CompareConfig['finetune'] {
  const applies = (one: CompareConfig['exceptions'][number]) =>
    (one.models?.includes(model) ?? true) &&
    (one.arms?.includes(arm) ?? true) &&
    (one.fractions?.includes(fraction) ?? true);
  const changes = exceptions.filter(applies).map((one) => Object.entries(one.finetune));
  const given = changes.flat().filter(([, value]) => value !== undefined);
  return { ...finetune, ...Object.fromEntries(given) };
}

const INITS: Partial<Record<Arm, string>> = { supervised: 'scratch', random: 'scratch' };

/** No step of training. */
const fittedOnly = ({ validation }: CompareConfig['finetune']): CompareConfig['finetune'] => ({
  ...parseConfig(z.strictObject(finetuneRecipe), { validation }),
  ...{ probeFirst: true, epochs: 0, trainable: 'classifier' },
});

function cellConfig(config: CompareConfig, cell: Cell): FinetuneConfig {
  const init = INITS[cell.arm] ?? (cell.needs === null ? config.transferWeights : join(config.out, cell.needs));
  const recipe = FROZEN_ARMS.includes(cell.arm) ? fittedOnly(config.finetune) : recipeOf(config, cell);
  const headLayer = cell.arm === 'semi-supervised' ? recipe.headLayer : 0; // the others have no projection head
  const probeFirst = recipe.probeFirst && cell.arm !== 'supervised'; // a training from scratch has nothing to fit it to
  const own = { data: config.data, init, fraction: cell.fraction, subset: config.subset, headLayer, probeFirst };
  return parseConfig(finetuneSchema, { ...recipe, ...shared(config, cell), ...own });
}
