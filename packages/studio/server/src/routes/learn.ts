/** @file What to label next, what is similar, the map, the exam, and what is suspicious. */
import { randomInt } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { NextAnswer, SimilarAnswer } from '../api.js';
import { Refusal } from '../refusal.js';
import { labelledImages } from '../source/predictions.js';
import type { Studio } from '../studio.js';
import { announce, labelAnswer } from './answers.js';
import { bodyOf, classId, idOf, imageId, numberIn, person } from './read.js';

const examRequest = z.strictObject({ size: z.number().int(), by: person.default('somebody') });
const examAnswers = z.strictObject({
  items: z
    .array(z.strictObject({ image: imageId, class: classId }))
    .min(1)
    .max(5000),
  by: person,
});
const METHODS = ['random', 'max-herding', 'typiclust', 'k-medoids'];

export function learnRoutes(studio: Studio): Hono {
  const { project, encoder } = studio;
  const app = new Hono();

  app.get('/api/next', async (c) => {
    const count = numberIn(c, 'count', { fallback: 20, least: 1, most: 500 });
    const method = c.req.query('method') ?? (encoder.isReady ? 'max-herding' : 'random');
    if (!METHODS.includes(method)) throw new Refusal('BAD_REQUEST', `method is one of ${METHODS.join(', ')}`);
    return c.json(await nextImages(studio, method, count));
  });

  app.get('/api/similar/:id', async (c) => {
    const image = idOf(c, project.images.length);
    const count = numberIn(c, 'count', { fallback: 50, least: 1, most: 1000 });
    if (project.table.has(image, 'exam'))
      throw new Refusal('EXAM_IMAGE', `image ${image} is in the exam`, 'ask for another one');
    const { ids, similarities } = await (await encoder.look()).call('similar', { image, count });
    return c.json({ neighbours: ids.map((id, i) => ({ id, similarity: similarities[i]! })) } satisfies SimilarAnswer);
  });

  app.get('/api/clusters', async (c) => {
    const rows = numberIn(c, 'rows', { fallback: 12, least: 1, most: 100 });
    const size = numberIn(c, 'size', { fallback: 24, least: 1, most: 200 });
    const labelled = Int32Array.from(labelledImages(project.table.label));
    return c.json({
      rows: await (await encoder.ask()).call('clusters', { candidates: unlabelled(studio), labelled, rows, size }),
    });
  });

  app.get('/api/map', async (c) => {
    const method = c.req.query('method') ?? 'pca';
    if (method !== 'pca' && method !== 'umap') throw new Refusal('BAD_REQUEST', 'method is pca or umap');
    const map =
      method === 'umap'
        ? await encoder.umap()
        : await (await encoder.look()).call('map', { count: project.table.count });
    const bytes = new Uint8Array(map.buffer, map.byteOffset, map.byteLength);
    return c.body(new Uint8Array(bytes), 200, { 'content-type': 'application/octet-stream', 'x-map-method': method });
  });

  app.get('/api/exam', (c) => {
    const { state } = project.exam;
    if (state === null) throw new Refusal('NOT_FOUND', 'there is no exam yet', 'draw one: POST /api/exam');
    return c.json(state);
  });
  app.post('/api/exam', async (c) => {
    const { size, by } = await bodyOf(c, examRequest);
    const state = project.exam.draw(size, by);
    studio.bus.emit({ type: 'state' });
    studio.predictions.changed();
    return c.json(state);
  });
  app.get('/api/exam/next', (c) =>
    c.json(project.exam.next(numberIn(c, 'count', { fallback: 10, least: 1, most: 500 }))),
  );
  app.post('/api/exam/answers', async (c) => {
    const { items, by } = await bodyOf(c, examAnswers);
    project.exam.answer(items, by);
    announce(studio, [], by);
    return c.json(labelAnswer(studio, by));
  });
  return app;
}

/** Neither labelled, nor of the exam, nor ignored, nor of the test part. */
function unlabelled({ project: { table } }: Studio): Int32Array {
  const images: number[] = [];
  for (let image = 0; image < table.count; image++) {
    const free = !table.has(image, 'exam') && !table.has(image, 'ignored') && table.label[image]! < 0;
    if (free && table.part[image] === 0) images.push(image);
  }
  return Int32Array.from(images);
}

async function nextImages(studio: Studio, method: string, count: number): Promise<NextAnswer> {
  const candidates = unlabelled(studio);
  if (method === 'random') {
    const some = Math.min(count, candidates.length);
    for (let i = 0; i < some; i++) {
      const j = randomInt(i, candidates.length);
      [candidates[i], candidates[j]] = [candidates[j]!, candidates[i]!];
    }
    const why = 'drawn at random from the training images without a label';
    return { images: [...candidates.subarray(0, some)], method, why };
  }
  const labelled = Int32Array.from(labelledImages(studio.project.table.label));
  const images = await (await studio.encoder.look()).call('choose', { method, candidates, labelled, count, seed: 0 });
  return { images, method, why: `chosen by ${method} from the representations` };
}
