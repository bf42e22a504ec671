/** @file All that a training with labels needs, made from its settings and its images. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { ViewPipeline } from '../augment/pipeline.js';
import { requireSizes } from '../augment/view-sizes.js';
import type { DistilConfig, FinetuneConfig } from '../config/finetune.js';
import type { ImageSet } from '../data/image-set.js';
import { labelSubset } from '../data/indices.js';
import { normalisationOf, parseNormalisation } from '../data/normalisation.js';
import { fitToImages } from '../evaluate/fit-to-images.js';
import type { Compute } from '../models/compute.js';
import type { Encoder } from '../models/create-model.js';
import { isOwnName, measuredName } from '../models/own-network.js';
import { place, sayDeterminism } from '../models/resolve.js';
import { createOptimizer } from '../models/train-state.js';
import { readWeights, type Weights } from '../models/weights.js';
import type { OwnIo } from '../own/own.js';
import type { Owned } from '../runs/owned.js';
import { streamGenerator } from '../runs/random.js';
import type { RunFolder } from '../runs/run-folder.js';
import { initialise, networkFor, networkToTrain } from './initial-weights.js';
import { labelledViews } from './labelled-views.js';
import { type Plan, plan } from './plan.js';
import { probeFirst, requireProbe } from './probe-first.js';
import { type LabelSplit, splitLabels } from './split-labels.js';
import { teachersClasses } from './teacher.js';
import { parameterGroups, requireStages } from './trainable.js';

export type TrainConfig = FinetuneConfig | DistilConfig;

export interface Training {
  /** Every `auto` replaced by what it became. */
  config: TrainConfig;
  set: ImageSet;
  run: RunFolder;
  classes: readonly string[];
  split: LabelSplit;
  plan: Plan;
  encoder: Encoder;
  optimizer: torch.optim.Optimizer;
  compute: Compute;
  normalisation: Normalisation;
  views: ViewPipeline;
}

export interface TrainingInputs {
  set: ImageSet;
  run: RunFolder;
  io: OwnIo;
  /** Takes over what must be freed. */
  owned: Owned;
}

export async function prepare(wanted: TrainConfig, { set, run, io, owned }: TrainingInputs): Promise<Training> {
  const known = run.resolveAuto(wanted);
  if (known.probeFirst) requireProbe(known);
  const { classes, split } = labelsOf(known, set);
  run.writeJson('indices.json', { trained: split.trained, heldOut: split.heldOut });
  const steps = plan(split.trained.length, known);
  const { learningRate, warmupSteps, stepsPerEpoch } = steps;
  for (const text of steps.notes) io.onEvent?.({ type: 'note', text });
  const named = known.model === 'auto' ? undefined : known.model;
  using weights = known.init === 'scratch' ? null : await readWeights(known.init, named, io);
  const { imageSize } = set;
  const views = io.own?.views ?? labelledViews(known);
  requireSizes(known.viewSizes, imageSize, views);
  const { model, stem } = networkFor(known, weights, imageSize);
  const generator = streamGenerator(known.seed, 'init', 0);
  const made = { headLayer: known.headLayer, numClasses: classes.length, imageSize, generator, own: io.own?.encoder };
  const encoder = owned.add(networkToTrain({ model, stem }, made, weights));
  const normalisation = normalisationFor(weights, set);
  if (weights === null) fitToImages(encoder, set.train, normalisation);
  const start = initialise(encoder, weights, model); // before the event, whose text nobody may ask for
  io.onEvent?.({ type: 'note', text: `${isOwnName(model) ? model : `${model}, stem ${stem}`}: ${start}` });
  requireStages(encoder, known);
  const placed = { name: measuredName(model, stem, io.own?.encoder), imageSize };
  const compute = place(encoder, placed, known, io);
  sayDeterminism(encoder, placed, known, compute, io);
  if (known.probeFirst) {
    const { device } = compute;
    await probeFirst(encoder, {
      split: set.train,
      trained: split.trained,
      numClasses: classes.length,
      normalisation,
      device,
      io,
    });
  }
  const config = run.resolveAuto(known, {
    ...{ model, stem, imageSize, device: compute.device, precision: compute.precision },
    ...{ threads: torch.getNumThreads(), lr: learningRate, warmupEpochs: warmupSteps / stepsPerEpoch },
  });
  const groups = parameterGroups(encoder, config);
  const own = io.own?.optimizer?.create(groups, learningRate);
  return {
    ...{ config, set, run, classes, split, encoder, compute, plan: steps, views },
    optimizer: owned.add(own ?? createOptimizer(groups, config, learningRate)),
    normalisation,
  };
}

/** A student without labels has its teacher's classes. */
function labelsOf(config: TrainConfig, set: ImageSet): { classes: readonly string[]; split: LabelSplit } {
  const taught = 'teacher' in config;
  const isOpen = taught && set.classes.length === 0;
  const classes = isOpen ? teachersClasses(config.teacher) : set.classes;
  const labelled = isOpen
    ? []
    : labelSubset(set.train, classes, 'teacher' in config ? { ...config, fraction: 1, subset: 'random' } : config);
  return { classes, split: splitLabels(labelled, set, config, taught) };
}

/** Images are scaled as those that the weights were trained with. */
function normalisationFor(weights: Weights | null, set: ImageSet): Normalisation {
  const recorded = weights?.metadata.normalisation;
  return recorded === undefined ? normalisationOf(set.train) : parseNormalisation(recorded, weights!.file);
}
