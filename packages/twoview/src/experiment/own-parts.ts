/** @file Which of the objects that the caller of an experiment brought belong to which of its jobs. */
import type { CompareConfig } from '../config/compare.js';
import type { Own } from '../own/own.js';
import type { Job } from './jobs.js';

/** What the caller brought for this job: images and network for all that work on these images, the rest for SimCLR. */
export function ownFor(job: Job, config: CompareConfig, own: Own | undefined): Own | undefined {
  if (own === undefined) return undefined;
  const { images, encoder, loss, views, head, optimizer } = own;
  const mine = job.kind === 'transfer' || (job.kind === 'pretrain' && config.unlabelled !== '') ? {} : { images };
  const network = { ...(mine.images && { images: mine.images }), ...(encoder && { encoder }) };
  if (job.kind !== 'pretrain' && job.kind !== 'inspect') return network;
  return {
    ...network,
    ...(loss && { loss }),
    ...(views && { views }),
    ...(head && { head }),
    ...(optimizer && { optimizer }),
  };
}
