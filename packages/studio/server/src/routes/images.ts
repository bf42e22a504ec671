/** @file /api/state, /api/images, /api/image/:id, /api/thumbs, /thumb/:id, /view/:id/:n, /original/:id. */
import { stat } from 'node:fs/promises';
import { type Context, Hono } from 'hono';
import type { ImageDetails, Neighbour, Part } from '../api.js';
import { thumbnailStream } from '../pictures/thumbnail-stream.js';
import { PARTS } from '../project/image-table.js';
import { Refusal } from '../refusal.js';
import type { Studio } from '../studio.js';
import { stateOf } from './answers.js';
import { idIn, idOf, numberIn } from './read.js';

const SIZES = [128, 256];
/** Thumbnails of one answer. */
const TOGETHER = 100;
const NEIGHBOURS = 60;
const OF_EACH_PART = 12;
const VIEWS = 8;

export function imageRoutes(studio: Studio): Hono {
  const { project, pictures } = studio;
  const app = new Hono();

  app.get('/api/state', (c) => c.json(stateOf(studio)));

  app.get('/api/images', (c) => {
    const since = numberIn(c, 'since', { fallback: -1, least: 0, most: Number.MAX_SAFE_INTEGER });
    const from = numberIn(c, 'from', { fallback: 0, least: 0, most: project.table.count });
    const text = since < 0 ? project.table.columns() : project.table.changes(since, from);
    return c.body(text, 200, { 'content-type': 'application/json; charset=utf-8' });
  });

  app.get('/api/image/:id', async (c) => c.json(await detailsOf(studio, idOf(c, project.images.length))));

  app.get('/thumb/:id', async (c) => {
    const image = project.images[idOf(c, project.images.length)]!;
    const bytes = await pictures.thumbnail(image, sizeIn(c), c.req.raw.signal);
    return c.body(new Uint8Array(bytes), 200, { ...PICTURE, 'cache-control': 'private, max-age=31536000, immutable' });
  });

  app.get('/api/thumbs', (c) => {
    const count = project.images.length;
    const ids = (c.req.query('ids') ?? '').split(',').map((text) => idIn(text, count));
    if (ids.length > TOGETHER) throw new Refusal('BAD_REQUEST', `at most ${TOGETHER} thumbnails come together`);
    const size = sizeIn(c);
    const { signal } = c.req.raw;
    const draw = async (id: number) => await pictures.thumbnail(project.images[id]!, size, signal);
    return c.body(thumbnailStream(ids, draw), 200, { 'content-type': 'application/octet-stream' });
  });

  app.get('/view/:id/:n', async (c) => {
    const image = project.images[idOf(c, project.images.length)]!;
    const n = Number(c.req.param('n'));
    if (!(Number.isInteger(n) && n >= 0 && n < VIEWS)) throw new Refusal('BAD_REQUEST', `views are 0 to ${VIEWS - 1}`);
    const { bytes } = await pictures.view(image, n, c.req.raw.signal);
    return c.body(new Uint8Array(bytes), 200, { ...PICTURE, 'cache-control': 'private, max-age=86400' });
  });

  app.get('/original/:id', async (c) => {
    const image = project.images[idOf(c, project.images.length)]!;
    const { bytes } = await pictures.original(image, c.req.raw.signal);
    return c.body(new Uint8Array(bytes), 200, { ...PICTURE, 'cache-control': 'private, max-age=3600' });
  });

  return app;
}

function sizeIn(c: Context): number {
  const size = numberIn(c, 'size', { fallback: SIZES[0]!, least: SIZES[0]!, most: SIZES[1]! });
  if (!SIZES.includes(size)) throw new Refusal('BAD_REQUEST', `thumbnails have ${SIZES.join(' or ')} pixels`);
  return size;
}

const PICTURE = { 'content-type': 'image/webp', 'content-disposition': 'inline; filename="image.webp"' };

async function detailsOf({ project, source, encoder, pictures }: Studio, id: number): Promise<ImageDetails> {
  const { path, real, part, ignored } = project.images[id]!;
  const { table } = project;
  const inExam = table.has(id, 'exam');
  const predicted = table.predicted[id]!;
  const size =
    real === null
      ? source.set && path === null
        ? { width: source.set.imageSize, height: source.set.imageSize }
        : null
      : await pictures.sizeOf(project.images[id]!).catch(() => null);
  return {
    ...{ id, path, part, ignored, size, title: path ?? `${part} ${source.places.get(id)?.row ?? id}` },
    bytes:
      real === null
        ? null
        : await stat(real).then(
            ({ size: bytes }) => bytes,
            () => null,
          ),
    // Who answers in the exam must not be led.
    history: inExam ? [] : project.labels.history(id),
    neighbours:
      inExam || !encoder.isReady ? { train: [], val: [], test: [] } : await neighboursOf({ project, encoder }, id),
    predictions: inExam || predicted < 0 ? [] : [{ class: predicted, probability: table.certainty[id]!, by: 'ridge' }],
  };
}

async function neighboursOf(
  { project, encoder }: Pick<Studio, 'project' | 'encoder'>,
  image: number,
): Promise<Record<Part, Neighbour[]>> {
  const neighbours: Record<Part, Neighbour[]> = { train: [], val: [], test: [] };
  const { ids, similarities } = await (await encoder.look()).call('similar', { image, count: NEIGHBOURS });
  ids.forEach((id, i) => {
    const list = neighbours[PARTS[project.table.part[id]!]!];
    if (list.length < OF_EACH_PART) list.push({ id, similarity: similarities[i]! });
  });
  return neighbours;
}
