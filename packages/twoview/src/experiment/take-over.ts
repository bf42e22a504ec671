/** @file Jobs that another experiment has done: equal code, settings, images and machine give equal results. Only where it is asked for. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import type { CompareConfig } from '../config/compare.js';
import type { ImageSet } from '../data/image-set.js';
import { createEncoder, measuredName } from '../models/own-network.js';
import { place } from '../models/resolve.js';
import { stemFor } from '../models/stem.js';
import { type Own, type OwnIo, withOwn } from '../own/own.js';
import { asResolved, type Resolved, resolvedHere, runHash, startHash } from '../runs/identity.js';
import { copyRun, findRun } from '../runs/registry.js';
import type { ReadyJob } from './job-config.js';
import { weightsOf } from './jobs.js';
import { ownFor } from './own-parts.js';

interface Experiment {
  config: CompareConfig;
  set: ImageSet;
  unlabelled: ImageSet;
  source: ImageSet | null;
  chosen: readonly ReadyJob[];
}

/** Copies what is found, job by job, and says from where. */
export async function takeOverAll(experiment: Experiment, { onEvent, own }: OwnIo): Promise<void> {
  const { config, chosen } = experiment;
  const hashOf = hasher(experiment, own);
  for (const job of chosen) {
    const target = join(config.out, job.id);
    const begun = ['summary.json', 'metrics.jsonl'].some((name) => existsSync(join(target, name)));
    if (begun || (job.needs !== null && !existsSync(weightsOf(config.out, job.needs)))) continue;
    const found = findRun(await hashOf(job));
    if (found === null) continue;
    copyRun(found, target);
    onEvent?.({ type: 'note', text: `${job.id} was done before, in ${found}; it is taken over` });
  }
}

function hasher(
  { config, set, unlabelled, source }: Experiment,
  own: Own | undefined,
): (job: ReadyJob) => Promise<string> {
  const starts = new Map<string, Promise<string>>();
  const startOf = (init: string) => starts.get(init) ?? starts.set(init, startHash(init)).get(init)!;
  const resolved = new Map<string, Resolved>();
  const resolvedFor = (model: string) => resolved.get(model) ?? resolved.set(model, resolve(model)).get(model)!;
  /** As the job itself would resolve it; what it measures is kept, so both come to the same. */
  const resolve = (model: string): Resolved => {
    const stem = stemFor(config.stem, set.imageSize);
    const network = createEncoder(model, { numClasses: 0, stem, imageSize: set.imageSize }, own?.encoder);
    try {
      const named = { name: measuredName(model, stem, own?.encoder), imageSize: set.imageSize };
      const { device, precision } = place(network, named, config, {});
      return { device, precision, threads: torch.getNumThreads() };
    } finally {
      network.dispose();
    }
  };
  return async (job) => {
    const as = resolvedFor(job.model);
    const mine = ownFor(job, config, own);
    if (job.kind === 'pretrain') {
      return runHash('pretrain', asResolved(withOwn(job.config, mine), as), { data: unlabelled.hash });
    }
    if (job.kind === 'inspect') {
      const start = await startOf(join(config.out, job.needs));
      return runHash('inspect', asResolved(job.config, resolvedHere(job.config)), { data: set.hash, start });
    }
    const data = job.kind === 'cell' ? set.hash : source!.hash;
    return runHash('finetune', asResolved(withOwn(job.config, mine), as), {
      data,
      start: await startOf(job.config.init),
    });
  };
}
