/** @file All that a pre-training needs, made from its settings and its images. */
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { ViewPipeline } from '../augment/pipeline.js';
import { requireSizes } from '../augment/view-sizes.js';
import type { PretrainConfig } from '../config/pretrain.js';
import type { ImageSet } from '../data/image-set.js';
import { normalisationOf } from '../data/normalisation.js';
import { TwoviewError } from '../errors.js';
import { fitToImages } from '../evaluate/fit-to-images.js';
import { lossOf } from '../losses/by-name.js';
import type { Loss } from '../losses/loss.js';
import { modelFor } from '../models/auto-model.js';
import type { Compute } from '../models/compute.js';
import type { Encoder } from '../models/create-model.js';
import { isOwnName, measuredName } from '../models/own-network.js';
import { place, sayDeterminism } from '../models/resolve.js';
import { stemFor } from '../models/stem.js';
import { contrastiveLr, createOptimizer } from '../models/train-state.js';
import type { OwnIo } from '../own/own.js';
import type { Owned } from '../runs/owned.js';
import type { Run } from '../runs/run-folder.js';
import type { Team } from '../runs/team.js';
import { configuredViews } from './configured-views.js';
import { initialNetworks } from './networks.js';
import { type SuitedConfig, suitedTo } from './recipe.js';

export interface Pretraining {
  config: SuitedConfig;
  set: ImageSet;
  run: Run;
  team: Team;
  encoder: Encoder;
  head: torch.nn.Module;
  loss: Loss;
  views: ViewPipeline;
  optimizer: torch.optim.Optimizer;
  compute: Compute;
  normalisation: Normalisation;
  learningRate: number;
}

export interface PretrainingInputs {
  set: ImageSet;
  run: Run;
  team: Team;
  io: OwnIo;
  /** Takes over what must be freed. */
  owned: Owned;
}

export function prepare(wanted: PretrainConfig, { set, run, team, io, owned }: PretrainingInputs): Pretraining {
  const resolved = team.broadcast(run.resolveAuto(wanted));
  const { imageSize } = set;
  const suited = {
    model: modelFor(resolved.model, { ...resolved, imageSize }),
    stem: stemFor(resolved.stem, imageSize),
  };
  const settings = { ...resolved, ...suited };
  const views = io.own?.views ?? configuredViews(settings);
  const config = suitedTo(settings, imageSize, views);
  io.onEvent?.({
    type: 'note',
    text: isOwnName(config.model)
      ? config.model
      : `${config.model}, stem ${config.stem}${resolved.stem === 'auto' || resolved.model === 'auto' ? `, for images of ${imageSize} pixels${resolved.model === 'auto' ? ' on this device' : ''}` : ''}`,
  });
  requireSizes(config.viewSizes, set.imageSize, views);
  const { encoder, head } = initialNetworks(config, owned, set.imageSize, io.own);
  const normalisation = normalisationOf(set.train);
  fitToImages(encoder, set.train, normalisation);
  const named = { name: measuredName(config.model, config.stem, io.own?.encoder), imageSize: set.imageSize };
  // Measured once: processes that compute in different precisions would not be one.
  const leading = team.isRankZero ? place(encoder, named, config, io) : null;
  const precision = team.broadcast(leading?.precision ?? 'float32');
  const compute = leading ?? place(encoder, named, { ...config, precision }, io);
  sayDeterminism(encoder, named, config, compute, io);
  head.to({ device: compute.device });
  if (team.group !== null) {
    if (compute.device !== 'cpu') throw noGpuTeam(team);
    torch.distributed.normaliseTogether([encoder, head], team.group);
    io.onEvent?.({
      type: 'note',
      text: `${team.size} processes, ${team.part(config.batchSize).count} images of each batch on every one`,
    });
  }
  const loss = lossOf(config, io.own?.loss);
  const learningRate = config.lr === 'auto' ? contrastiveLr(config, config.batchSize) : config.lr;
  const found = {
    device: compute.device,
    precision: compute.precision,
    threads: torch.getNumThreads(),
    ...{ lr: learningRate, optimizer: config.optimizer, warmupEpochs: config.warmupEpochs },
    viewSizes: config.viewSizes,
    ...(loss.temperature !== null && { temperature: loss.temperature }),
    imageSize: set.imageSize,
  };
  io.onEvent?.({
    type: 'note',
    text: `${loss.title}${loss.temperature === null ? '' : `, temperature ${loss.temperature}`}; ${config.optimizer}, highest learning rate ${learningRate}${config.viewSizes.length > 0 ? `; views of ${config.viewSizes.join(', ')} pixels` : ''}`,
  });
  const parameters = [...encoder.namedParameters(), ...head.namedParameters('head')];
  const groups = torch.optim.decayGroups(parameters, config.weightDecay);
  const made = io.own?.optimizer?.create(groups, learningRate) ?? createOptimizer(groups, config, learningRate);
  const optimizer = owned.add(made);
  return {
    config: { ...config, ...run.resolveAuto(resolved, { ...found, ...suited }), ...suited } as SuitedConfig,
    set,
    run,
    team,
    encoder,
    head,
    loss,
    views,
    optimizer,
    compute,
    normalisation,
    learningRate,
  };
}

const noGpuTeam = (team: Team): TwoviewError =>
  new TwoviewError('CONFIG_INVALID', {
    what: `${team.size} processes can share a training on CPUs so far, not on GPUs`,
    where: '--device',
    next: ['--device cpu', 'one process on the GPU'],
  });
