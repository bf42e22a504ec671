/**
 * @file The poster's experiment: three arms over networks, label amounts and seeds. Every job is a run of its own inside
 * the experiment's folder; a job with a summary is done, so that stopping and going on costs at most a part of one job.
 */
import * as torch from '@twoview/torch';
import type { CompareConfig } from '../config/compare.js';
import { testTwins, twinsOf } from '../data/twins/set-twins.js';
import { TwoviewError } from '../errors.js';
import { finetune } from '../finetune/finetune.js';
import { fetchPublished, isPublished } from '../models/published.js';
import { type OwnIo, withOwn } from '../own/own.js';
import { RunFolder } from '../runs/run-folder.js';
import { stoppedBefore } from '../runs/stops.js';
import { inspect } from '../ssl/inspect.js';
import { pretrainSimclr } from '../ssl/pretrain.js';
import type { ReadyJob } from './job-config.js';
import { type CompareIo, openExperiment, setsOf } from './open-experiment.js';
import { ownFor } from './own-parts.js';
import { type ExperimentPlan, isFinished, planOf } from './plan.js';
import { ExperimentRecord } from './record.js';
import type { ExperimentSummary } from './summarise.js';
import { takeOverAll } from './take-over.js';

/** What `compare` would do, and how long that takes here. @throws TwoviewError, TorchError */
export async function planExperiment(config: CompareConfig, io: CompareIo = {}): Promise<ExperimentPlan> {
  using opened = await openExperiment(withOwn(config, io.own), io);
  return planOf(opened, io.own);
}

/** Runs the experiment, or what is left of it. @throws TwoviewError, TorchError */
export async function compare(wanted: CompareConfig, io: CompareIo = {}): Promise<ExperimentSummary> {
  using opened = await openExperiment(withOwn(wanted, io.own), io);
  const { config, chosen } = opened;
  if (config.arms.includes('transfer') && isPublished(config.transferWeights)) {
    // A name that is wrong, or a download that fails, must not be found out after hours.
    for (const model of config.models) await fetchPublished(config.transferWeights, model, io);
  }
  return await RunFolder.during(config.out, 'experiment', config, setsOf(opened), async (folder) => {
    if (io.reuse) await takeOverAll(opened, io);
    const plan = planOf(opened, io.own);
    io.onPlan?.(plan);
    const failures: ExperimentSummary['failures'] = [];
    const twins = config.twins ? new Set(testTwins(await twinsOf(opened.set, io))) : null;
    const record = new ExperimentRecord(folder, opened, twins);
    for (const [i, job] of chosen.entries()) {
      if (isFinished(opened, job)) continue;
      if (io.signal?.aborted) throw stoppedBefore(config.out, i, chosen.length);
      const left = plan.jobs.slice(i).reduce((sum, one) => sum + (one.done ? 0 : one.seconds), 0);
      io.onJob?.({ id: job.id, number: i + 1, of: chosen.length, left });
      try {
        await run(config, job, io);
      } catch (error) {
        if (endsTheExperiment(error)) throw error;
        const text = error instanceof Error ? error.message : String(error);
        failures.push({ job: job.id, error: text });
        folder.log(`${job.id} failed: ${text}`);
        io.onEvent?.({ type: 'warning', text: `${job.id} failed and is left out: ${text}` });
      }
      record.write(failures);
    }
    return record.write(failures);
  });
}

/** Without these the other jobs would fail in the same way. */
function endsTheExperiment(error: unknown): boolean {
  const coded = error instanceof TwoviewError || error instanceof torch.TorchError;
  return coded && ['STOPPED', 'INTERRUPTED', 'DISK_FULL', 'RUN_LOCKED'].includes(error.code);
}

async function run(experiment: CompareConfig, job: ReadyJob, given: OwnIo): Promise<void> {
  const own = ownFor(job, experiment, given.own);
  const { own: _, ...others } = given;
  const io: OwnIo = { ...others, ...(own && { own }) };
  if (job.kind === 'pretrain') await pretrainSimclr(job.config, io);
  else if (job.kind === 'inspect') await inspect(job.config, io);
  else await finetune(job.config, io);
}
