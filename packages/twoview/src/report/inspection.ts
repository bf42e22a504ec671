/** @file inspection.html of one pre-training: what it changed, without the rest of an experiment. */
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import { readJson } from '../runs/read-json.js';
import type { Inspection } from '../ssl/inspect.js';
import { escapeHtml, heading2, page } from './html.js';
import { similarityPart, viewStrip } from './objective.js';
import { mapPart, nearPart, testKnn } from './representations.js';

/** @param folder that inspect wrote @returns path of the page */
export async function writeInspection(folder: string): Promise<string> {
  const { result } = readJson(join(folder, 'summary.json')) as { result: Inspection };
  const body = [
    `<h1>What did ${escapeHtml(result.model)} learn without labels?</h1>
<p class="lead">${escapeHtml(result.pretraining)}, seed ${result.seed}: the network as it began, and as SimCLR left it.</p>`,
    heading2('Pre-training objective'),
    viewStrip(result),
    await similarityPart([result]),
    heading2('Representations before and after'),
    testKnn([result], [result.model]),
    await mapPart([result]),
    nearPart([result]),
  ];
  const path = join(folder, 'inspection.html');
  const html = page(`twoview: ${result.pretraining}`, body.join('\n'));
  atomicWrite(path, (handle) => writeAll(handle, Buffer.from(html)));
  return path;
}
