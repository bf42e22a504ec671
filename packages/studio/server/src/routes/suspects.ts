/** @file What spoils an answer: twins and pictures of one colour, sought once; labels that are likely wrong; and what no version seeks yet. */
import { Hono } from 'hono';
import type { Suspects } from '../api.js';
import { Refusal } from '../refusal.js';
import { atEvenSteps, MOST_LABELS } from '../source/even-steps.js';
import type { Studio } from '../studio.js';

export function suspectRoutes(studio: Studio): Hono {
  const app = new Hono();
  let asked: Promise<Found> | null = null;
  app.get('/api/suspects', async (c) => {
    if (studio.source.phase !== 'ready') throw new Refusal('NOT_READY', 'the images are being read');
    asked ??= find(studio);
    asked.catch(() => {
      asked = null;
    });
    const found = await asked;
    const [labels, without] = await wrongLabels(studio);
    return c.json({
      ...{ ...found, labels, blurred: [], accuracy: null },
      missing: [...without, ...NOT_SOUGHT],
    } satisfies Suspects);
  });
  return app;
}

type Found = Pick<Suspects, 'twins' | 'plain'>;

const NOT_SOUGHT: Suspects['missing'] = [
  { list: 'blurred', reason: 'blurred images are not sought in this version' },
  { list: 'accuracy', reason: 'the accuracy without suspects is not in this version' },
];

async function find({ source, project, works }: Studio): Promise<Found> {
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
  return { twins: found, plain: plainIds };
}

/** @returns what is suspicious, and why nothing is where it cannot be known */
async function wrongLabels({ project, encoder }: Studio): Promise<[Suspects['labels'], Suspects['missing']]> {
  if (!encoder.isReady)
    return [[], [{ list: 'labels', reason: 'there are no representations: start with --weights RUN' }]];
  const all = project.labels.inOrder();
  const some = atEvenSteps(all, MOST_LABELS);
  const images = some.map(({ image }) => image);
  const labels = some.map(({ class: given }) => given);
  const found = await (await encoder.ask()).call('wrongLabels', { images, labels });
  const reason = `only ${some.length} of ${all.length} labels were looked at`;
  return [found, some.length < all.length ? [{ list: 'labels', reason }] : []];
}
