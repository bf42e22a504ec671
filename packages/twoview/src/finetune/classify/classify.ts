/**
 * @file `twoview classify`: few labels and a frozen encoder make a classifier in seconds. Representations of all images are computed once and
 * kept in the cache; strength of regularisation and temperature are chosen by the labels alone, never by the images that are tested on.
 */
import * as torch from '@twoview/torch';
import type { ClassifyConfig } from '../../config/classify.js';
import type { ImageSet } from '../../data/image-set.js';
import { openFrozen } from '../../evaluate/frozen.js';
import type { Choice } from '../../evaluate/heads/choose.js';
import { type Metrics, metricsOf } from '../../evaluate/metrics.js';
import { imagesOf } from '../../own/images.js';
import type { OwnIo } from '../../own/own.js';
import { asResolved, resolvedHere, runHash, startHash } from '../../runs/identity.js';
import { loadEngine } from '../../runs/load-engine.js';
import { Owned } from '../../runs/owned.js';
import { registerRun } from '../../runs/registry.js';
import { RunFolder } from '../../runs/run-folder.js';
import { chosenLabels } from './chosen-labels.js';
import { featuresOf } from './features-of.js';
import { fitHead, requireMethod } from './fit-head.js';
import { saveClassifier } from './save-classifier.js';

export interface ClassifyResult {
  run: string;
  model: string;
  /** Labelled images that were trained on. */
  labels: number;
  evaluatedOn: 'test' | 'validation';
  metrics: Metrics;
  /** Strength of regularisation and temperature, and how all strengths did on labels that were left out. */
  choice: Choice;
  notes: string[];
  /** `features` is next to nothing where they were in the cache. */
  seconds: { features: number; head: number };
}

/** @throws TwoviewError CONFIG_INVALID, RUN_EXISTS, DATA_EMPTY, LABELS_MISSING, FRACTION_TOO_SMALL, INTERRUPTED; TorchError */
export async function classify(config: ClassifyConfig, io: OwnIo = {}): Promise<ClassifyResult> {
  requireMethod(config);
  await loadEngine(config);
  using set = await imagesOf(config.data, config, io);
  return await RunFolder.during(config.out, 'classify', config, { data: set }, async (run) => {
    const result = await classifyInto(run, config, set, io);
    const start = await startHash(config.weights);
    const hash = runHash('classify', asResolved(config, resolvedHere(config)), { data: set.hash, start });
    const { model, normalisation, stem, ...rest } = result;
    const resolved = run.resolveAuto({ ...config, model, stem, imageSize: set.imageSize });
    run.writeJson('summary.json', {
      ...{ kind: 'classify', hash, config: resolved, normalisation, classes: set.classes },
      data: { name: set.name, hash: set.hash, notes: set.notes, train: set.train.count },
      result: { model, ...rest },
    });
    // What a caller's own network computes is not in the hash.
    if (io.own?.encoder === undefined) registerRun(hash, run.path);
    return { model, ...rest };
  });
}

type Classified = ClassifyResult & Pick<Awaited<ReturnType<typeof openFrozen>>, 'stem' | 'normalisation'>;

async function classifyInto(run: RunFolder, config: ClassifyConfig, set: ImageSet, io: OwnIo): Promise<Classified> {
  using owned = new Owned();
  const split = chosenLabels(config, set, io);
  run.writeJson('indices.json', { trained: split.trained, heldOut: split.heldOut });
  using encoder = await openFrozen(config, set, io);
  const started = performance.now();
  const features = await featuresOf(encoder, set, split, { config, io, owned });
  const featuresDone = performance.now();
  using head = fitHead(features, set.classes.length, config, io);
  const headDone = performance.now();
  saveClassifier(run, encoder, head, { set, own: io.own?.encoder });
  const metrics = torch.scope(() => metricsOf(head.logits(features.evaluated), features.truth));
  return {
    ...{ run: run.path, model: encoder.model, stem: encoder.stem, normalisation: encoder.normalisation },
    ...{ labels: split.trained.length, evaluatedOn: split.evaluatedOn, metrics, choice: head.choice, notes: set.notes },
    seconds: { features: (featuresDone - started) / 1000, head: (headDone - featuresDone) / 1000 },
  };
}
