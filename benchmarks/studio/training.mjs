/** @file A SimCLR training of the images, started as the page does it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from './server.mjs';

/** @returns the run's id and process, once it has done its first step */
export async function startTraining(server, model) {
  const { get, post } = await server.client();
  const { images } = await get('/api/state');
  const batchSize = Math.min(256, images >> 1);
  const settings = { model, epochs: 1000, heldOut: 0, batchSize };
  const { run } = await post('/api/runs', { command: 'pretrain', settings });
  while (true) {
    const now = (await get('/api/runs')).runs.find(({ id }) => id === run.id);
    if (now.status === 'running') break;
    if (now.status !== 'starting') throw new Error(`the training is ${now.status}: ${now.message}`);
    await sleep(100);
  }
  const { pid } = JSON.parse(readFileSync(join(server.project, 'runs', `${run.id}.studio.json`), 'utf8'));
  return { id: run.id, pid, about: `${model}, batches of ${batchSize}` };
}
