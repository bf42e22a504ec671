/**
 * @file What a pre-training changed: the same images before and after it, seen by how similar their views are, by kNN, by their
 * nearest neighbours, and on a map.
 */
import type { InspectConfig } from '../config/inspect.js';
import { parseConfig } from '../config/parse.js';
import { type PretrainConfig, pretrainSchema } from '../config/pretrain.js';
import type { ImageSet } from '../data/image-set.js';
import { parseNormalisation } from '../data/normalisation.js';
import { TwoviewError } from '../errors.js';
import type { KnnAmong } from '../evaluate/knn-accuracy.js';
import { nearest } from '../evaluate/nearest.js';
import type { Similarities } from '../evaluate/similarity.js';
import { type MapPoint, umap } from '../evaluate/umap.js';
import { stemFor } from '../models/stem.js';
import { readWeights } from '../models/weights.js';
import { imagesOf } from '../own/images.js';
import type { OwnIo } from '../own/own.js';
import { asResolved, resolvedHere, runHash, startHash } from '../runs/identity.js';
import { loadEngine } from '../runs/load-engine.js';
import { Owned } from '../runs/owned.js';
import { registerRun } from '../runs/registry.js';
import { readConfig } from '../runs/run-config.js';
import { RunFolder } from '../runs/run-folder.js';
import { configuredViews } from './configured-views.js';
import { openEvaluation, type Snapshot } from './evaluation.js';
import {
  type BeforeAndAfter,
  NEIGHBOURS,
  type Neighbours,
  neighboursOf,
  type Viewed,
  viewsOf,
} from './inspection-pictures.js';
import { unseenImages } from './unseen.js';

export interface Inspection {
  /** Folder of the pre-training. */
  pretraining: string;
  model: string;
  seed: number;
  /** d of the representations h. */
  featureSize: number;
  /** Which images are shown: none that SimCLR was trained on, unless there are no others. */
  shown: string;
  /** Images with two views each, as SimCLR gets them. */
  views: Viewed[];
  /** Of the projections of two views each, with the batch statistics that the loss sees. */
  similarity: BeforeAndAfter<Similarities>;
  /** Weighted kNN on the test images among all training images; null without test images or labels. */
  knnTest: (BeforeAndAfter<number> & KnnAmong) | null;
  map: BeforeAndAfter<MapPoint[]>;
  /** Class of each point of the map; -1 where it is not known. */
  labels: number[];
  classes: string[];
  /** Pictures and what is nearest to them among the points of the map. */
  neighbours: Neighbours[];
  seconds: number;
}

function testKnnOf({ knn: before }: Snapshot, { knn: after }: Snapshot): Inspection['knnTest'] {
  if (before === null || after === null) return null;
  const { accuracy, others: _, ...among } = before;
  return { ...among, before: accuracy, after: after.accuracy };
}

/** @throws TwoviewError RUN_NOT_FOUND, RUN_EXISTS, WEIGHTS_MISMATCH; TorchError */
export async function inspect(config: InspectConfig, io: OwnIo = {}): Promise<Inspection> {
  await loadEngine(config);
  const trained = pretrainingOf(config.run);
  using set = await imagesOf(config.data || trained.data, trained, io);
  return await RunFolder.during(config.out, 'inspect', config, { data: set }, async (folder) => {
    const stem = stemFor(trained.stem, set.imageSize); // runs of before wrote auto down
    const result = await look(config, { ...trained, stem }, set, io);
    const hash = runHash('inspect', asResolved(config, resolvedHere(config)), {
      data: set.hash,
      start: await startHash(config.run),
    });
    folder.writeJson('summary.json', { kind: 'inspect', hash, config, result });
    registerRun(hash, folder.path);
    return result;
  });
}

function pretrainingOf(run: string): PretrainConfig {
  const { kind, ...config } = readConfig(run);
  if (kind === 'pretrain') return parseConfig(pretrainSchema, config, run);
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: `this is a run of ${kind}, and what a pre-training changed is asked for`,
    where: run,
    next: ['name a folder that pretrain wrote with --out, or pretrain/NETWORK/seed0 of an experiment'],
  });
}

async function look(config: InspectConfig, trained: PretrainConfig, set: ImageSet, io: OwnIo): Promise<Inspection> {
  const started = performance.now();
  using owned = new Owned();
  using weights = await readWeights(config.run); // first, so that what is missing is said at once
  const shown = unseenImages(set, trained, config);
  const normalisation = parseNormalisation(weights.metadata.normalisation ?? '', config.run);
  const views = io.own?.views ?? configuredViews(trained);
  const evaluation = openEvaluation({ config, trained, set, shown, views, normalisation }, owned, io);
  const before = await evaluation.measure('before');
  evaluation.networks.encoder.loadStateDict(weights.tensors);
  evaluation.networks.head.loadStateDict(weights.head);
  const after = await evaluation.measure('after');

  io.onEvent?.({ type: 'note', text: `drawing a map of ${shown.indices.length} images, before and after` });
  const both = async <T>(of: (snapshot: Snapshot) => T | Promise<T>) => ({
    before: await of(before),
    after: await of(after),
  });
  return {
    pretraining: config.run,
    model: trained.model,
    seed: trained.seed,
    featureSize: evaluation.networks.encoder.featureSize,
    shown: shown.name,
    views: await viewsOf(shown, set.classes, views, trained.seed),
    similarity: await both(({ similarity }) => similarity),
    knnTest: testKnnOf(before, after),
    map: await both(({ features }) => umap(features, trained.seed)),
    labels: shown.labels,
    classes: set.classes,
    neighbours: await neighboursOf(
      shown,
      set.classes,
      await both(({ features }) => nearest(features, NEIGHBOURS + 1).indices),
    ),
    seconds: (performance.now() - started) / 1000,
  };
}
