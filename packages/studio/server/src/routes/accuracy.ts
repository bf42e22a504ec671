/** @file The accuracy on the exam, with its interval and what it rests on; counted anew when labels, answers or representations changed. */
import { Hono } from 'hono';
import type { Accuracy } from '../api.js';
import { Refusal } from '../refusal.js';
import type { Studio } from '../studio.js';

export function accuracyRoutes(studio: Studio): Hono {
  const app = new Hono();
  let known: { revision: number; accuracy: Promise<Accuracy> } | null = null;
  app.get('/api/accuracy', async (c) => {
    const revision = studio.project.labels.lastChange;
    if (known?.revision !== revision) {
      const accuracy = ask(studio);
      known = { revision, accuracy };
      accuracy.catch(() => {
        known = null;
      });
    }
    return c.json(await known.accuracy);
  });
  return app;
}

/** @throws Refusal NOT_FOUND where there is nothing to measure with yet; NO_ENCODER, NOT_READY */
async function ask({ project, encoder }: Studio): Promise<Accuracy> {
  const child = await encoder.ask();
  const answers = project.exam.answered();
  if (answers.length === 0)
    throw new Refusal('NOT_FOUND', 'no image of an exam is answered yet', 'draw an exam and answer its images');
  const labelled = project.labels.inOrder();
  if (new Set(labelled.map(({ class: given }) => given)).size < 2)
    throw new Refusal('NOT_FOUND', 'a classifier needs labels of two classes', 'label some images of another class');
  const classes = project.counted();
  return await child.call('measure', {
    images: labelled.map(({ image }) => image),
    labels: labelled.map(({ class: given }) => given),
    exam: answers.map(({ image }) => image),
    truth: answers.map(({ class: given }) => given),
    classes: classes.map(({ id, name }) => ({ id, name })),
  });
}
