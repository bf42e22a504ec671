/** @file What spoils an answer: twins and pictures of one colour, sought once by a child; and what no version seeks yet. */
import { Hono } from 'hono';
import type { Suspects } from '../api.js';
import { Refusal } from '../refusal.js';
import type { Studio } from '../studio.js';

export function suspectRoutes(studio: Studio): Hono {
  const app = new Hono();
  let asked: Promise<Suspects> | null = null;
  app.get('/api/suspects', async (c) => {
    if (studio.source.phase !== 'ready') throw new Refusal('NOT_READY', 'the images are being read');
    asked ??= find(studio);
    asked.catch(() => {
      asked = null;
    });
    return c.json(await asked);
  });
  return app;
}

async function find({ source, project, works }: Studio): Promise<Suspects> {
  const work = { id: 'twins', kind: 'scan' as const, text: 'looking for images that show one picture' };
  const { twins, plain } = await works.during(work, () => source.child.call('twins', source.options));
  const ids = new Map([...source.places].map(([id, { part, row }]) => [`${part} ${row}`, id]));
  const idOf = ({ part, index }: { part: string; index: number }) => ids.get(`${part} ${index}`)!;
  const { table } = project;
  const found = (twins ?? []).map(({ a, b, similarity, exact, mirrored }) => ({
    ...{ a: idOf(a), b: idOf(b), similarity, exact, mirrored, acrossParts: a.part !== b.part },
  }));
  const plainIds = plain.map(idOf);
  for (const { a, b } of found) for (const image of [a, b]) table.setFlag(image, 'twin', true);
  for (const image of plainIds) table.setFlag(image, 'plain', true);
  table.touch([...found.flatMap(({ a, b }) => [a, b]), ...plainIds]);
  return {
    ...{ labels: [], twins: found, plain: plainIds, blurred: [], accuracy: null },
    missing: [
      { list: 'labels', reason: 'likely wrong labels are not in this version' },
      { list: 'blurred', reason: 'blurred images are not in this version' },
      { list: 'accuracy', reason: 'the accuracy is not in this version' },
    ],
  };
}
