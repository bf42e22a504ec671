/**
 * @file What spoils an answer: twins, pictures of one colour and blurred ones, sought once; labels that are likely wrong; and the
 * accuracy with and without all of them.
 */
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
    const [labels, missing] = await wrongLabels(studio);
    const accuracy = await withAndWithout(studio, { ...found, labels });
    return c.json({ ...found, labels, accuracy, missing } satisfies Suspects);
  });
  return app;
}

type Found = Pick<Suspects, 'twins' | 'plain' | 'blurred'>;

async function find({ source, project, works }: Studio): Promise<Found> {
  const work = { id: 'twins', kind: 'scan' as const, text: 'looking for images that show one picture' };
  const { twins, plain, blurred } = await works.during(work, () => source.child.call('twins', source.options));
  const ids = new Map([...source.places].map(([id, { part, row }]) => [`${part} ${row}`, id]));
  const idOf = ({ part, index }: { part: string; index: number }) => ids.get(`${part} ${index}`)!;
  const { table } = project;
  const found = (twins ?? []).map(({ a, b, similarity, exact, mirrored }) => ({
    ...{ a: idOf(a), b: idOf(b), similarity, exact, mirrored, acrossParts: a.part !== b.part },
  }));
  const [plainIds, blurredIds] = [plain.map(idOf), blurred.map(idOf)];
  for (const { a, b } of found) for (const image of [a, b]) table.setFlag(image, 'twin', true);
  for (const image of plainIds) table.setFlag(image, 'plain', true);
  for (const image of blurredIds) table.setFlag(image, 'blurred', true);
  table.touch([...found.flatMap(({ a, b }) => [a, b]), ...plainIds, ...blurredIds]);
  return { twins: found, plain: plainIds, blurred: blurredIds };
}

/**
 * The classifier of all labels on the whole exam, and that of the labels that are not suspect on the images of it that are not. Of twins one
 * stays: a label whose image is also in the exam is left out, and of two labels the second.
 */
async function withAndWithout(
  { project, encoder }: Studio,
  { twins, plain, blurred, labels: wrong }: Pick<Suspects, 'twins' | 'plain' | 'blurred' | 'labels'>,
): Promise<Suspects['accuracy']> {
  const answers = project.exam.answered();
  if (!encoder.isReady || answers.length === 0) return null;
  const all = project.labels.inOrder();
  const labelled = atEvenSteps(all, MOST_LABELS);
  const inExam = new Set(answers.map(({ image }) => image));
  const spoilt = new Set([...plain, ...blurred]);
  const left = new Set([...spoilt, ...wrong.map(({ image }) => image)]);
  for (const { a, b } of twins) {
    const [one, other] = inExam.has(b) ? [b, a] : [a, b];
    if (!inExam.has(other) && !left.has(one)) left.add(other);
  }
  const child = await encoder.ask();
  const ask = (some: typeof labelled, asked: typeof answers) =>
    child.call('accuracyOf', {
      ...{ images: some.map(({ image }) => image), labels: some.map((one) => one.class) },
      ...{ exam: asked.map(({ image }) => image), truth: asked.map((one) => one.class) },
    });
  const both = await ask(labelled, answers);
  const without = await ask(
    labelled.filter(({ image }) => !left.has(image)),
    answers.filter(({ image }) => !spoilt.has(image)),
  );
  return both === null || without === null ? null : { with: both, without };
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
