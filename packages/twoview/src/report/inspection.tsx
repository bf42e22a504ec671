/** @file inspection.html of one pre-training: what it changed, without the rest of an experiment. */
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import { readJson } from '../runs/read-json.js';
import type { Inspection } from '../ssl/inspect.js';
import { pageOf } from './html/page.js';
import { Sections } from './html/section.js';
import { similarityPart, ViewStrip } from './objective.js';
import { mapPart, NearPart, TestKnn } from './representations.js';

/** @param folder that inspect wrote @returns path of the page */
export async function writeInspection(folder: string): Promise<string> {
  const { result } = readJson(join(folder, 'summary.json')) as { result: Inspection };
  const similarity = await similarityPart([result]);
  const map = await mapPart([result]);
  const objective = (
    <>
      <ViewStrip {...result} />
      {similarity}
    </>
  );
  const representations = (
    <>
      <TestKnn inspections={[result]} models={[result.model]} />
      {map}
      <NearPart rows={[result]} />
    </>
  );
  const body = (
    <>
      <h1>What did {result.model} learn without labels?</h1>
      <p class="lead">
        {result.pretraining}, seed {result.seed}: the network as it began, and as SimCLR left it.
      </p>
      <Sections
        sections={[
          { title: 'Pre-training objective', body: objective },
          { title: 'Representations before and after', body: representations },
        ]}
      />
    </>
  );
  const path = join(folder, 'inspection.html');
  const html = pageOf(`twoview: ${result.pretraining}`, body);
  atomicWrite(path, (handle) => writeAll(handle, Buffer.from(html)));
  return path;
}
