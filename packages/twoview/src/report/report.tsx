/** @file report.html of an experiment: one file that opens offline, made of summary.json and the runs' metrics.jsonl alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { readJson } from '../runs/read-json.js';
import { accuracies, calibration, savedLabels } from './accuracies.js';
import { compute, differences } from './compute.js';
import { howMade } from './how-made.js';
import { pageOf } from './html/page.js';
import { Contents, Sections } from './html/section.js';
import { mistakes } from './mistakes.js';
import { objective } from './objective.js';
import { Opening, Warnings } from './opening.js';
import { overview } from './overview.js';
import { withoutPictures } from './pictures.js';
import { pretraining } from './pretraining.js';
import { representations } from './representations.js';
import { parameters, trainLosses, transferSource } from './training.js';

/**
 * @param experiment folder that compare wrote
 * @param pictures false leaves the images of the data set out, so that the page may be shown to others and stays small
 * @returns path of the report
 * @throws TwoviewError RUN_NOT_FOUND, RUN_CORRUPT
 */
export async function writeReport(experiment: string, { pictures = true } = {}): Promise<string> {
  const file = join(experiment, 'summary.json');
  const read = existsSync(file) ? (readJson(file) as ExperimentSummary) : null;
  if (read?.kind !== 'experiment') {
    throw new TwoviewError('RUN_NOT_FOUND', {
      what: 'this folder holds no experiment',
      where: experiment,
      next: ['name a folder that twoview compare wrote with --out'],
    });
  }
  const whole = { ...read, inspections: read.inspections ?? [] }; // experiments of older versions have none
  const summary = pictures ? whole : withoutPictures(whole);
  const sections = [
    overview(summary),
    await accuracies(summary),
    differences(summary),
    await compute(summary),
    savedLabels(summary),
    await objective(summary),
    await pretraining(summary, experiment),
    await representations(summary),
    await mistakes(summary),
    calibration(summary),
    await trainLosses(summary, experiment),
    transferSource(summary),
    parameters(summary),
    howMade(summary),
  ].flat();
  const body = (
    <>
      <Opening {...summary} />
      <Warnings {...summary} />
      <Contents sections={sections} />
      <Sections sections={sections} />
    </>
  );
  const path = join(experiment, 'report.html');
  const html = pageOf(`twoview: ${summary.data.name}`, body);
  atomicWrite(path, (handle) => writeAll(handle, Buffer.from(html)));
  return path;
}
