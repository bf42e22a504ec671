/** @file Which part of a network learns, and how fast: all of it, its last stage, or the classifier alone. */
import * as torch from '@twoview/torch';
import type { ClassifierConfig } from '../config/finetune.js';
import type { Encoder } from '../models/create-model.js';
import { requirePart } from '../models/own-network.js';
import { isClassifier } from '../models/weights.js';

/** @throws TwoviewError CONFIG_INVALID where a setting goes by stages and the network has none */
export function requireStages(model: Encoder, { trainable, layerDecay }: ClassifierConfig): void {
  if (trainable === 'last-stage') requirePart(model, 'stages', '--trainable last-stage');
  if (layerDecay !== 1) requirePart(model, 'stages', '--layer-decay');
}

/** Stages from the first layers (0) to the classifier, which stands above the last one. */
const stageOf = (model: Encoder, key: string): number => (isClassifier(key) ? model.stages : model.stageOf(key));

/** The lowest stage that learns. */
const lowest = (model: Encoder, { trainable }: ClassifierConfig): number =>
  ({ all: 0, 'last-stage': model.stages - 1, classifier: model.stages })[trainable];

/** The classifier moves at the full rate, each stage below at a share of it; weights decay, norms and biases do not. */
export function parameterGroups(model: Encoder, config: ClassifierConfig): torch.optim.ParameterGroup[] {
  const { weightDecay, backboneLr, layerDecay } = config;
  const named = [...model.namedParameters()];
  const groups: torch.optim.ParameterGroup[] = [];
  for (let stage = lowest(model, config); stage <= model.stages; stage++) {
    const mine = named.filter(([key]) => stageOf(model, key) === stage);
    const lrScale = stage === model.stages ? 1 : backboneLr * layerDecay ** (model.stages - 1 - stage);
    groups.push(...torch.optim.decayGroups(mine, weightDecay).map((group) => ({ ...group, lrScale })));
  }
  return groups;
}

/**
 * Puts the network into training: what does not learn keeps its weights and its running statistics, and all batch norms keep
 * theirs where `batchNorm` is frozen.
 */
export function startTraining(model: Encoder, config: ClassifierConfig): void {
  const from = lowest(model, config);
  model.train();
  for (const [key, tensor] of model.namedParameters()) tensor.requiresGrad = stageOf(model, key) >= from;
  for (const [name, module] of model.namedModules()) {
    const still = stageOf(model, `${name}.`) < from || config.batchNorm === 'frozen';
    if (module instanceof torch.nn.BatchNorm && still) module.eval();
  }
}
