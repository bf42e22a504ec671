/** @file Labels and classes: every answer comes after its change is on the disk. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { ImportAnswer, UndoAnswer } from '../api.js';
import { labelsFromCsv, labelsToCsv } from '../project/labels-csv.js';
import type { Studio } from '../studio.js';
import { announce, labelAnswer } from './answers.js';
import { bodyOf, classId, imageId, person } from './read.js';

const labelRequest = z.strictObject({
  items: z
    .array(z.strictObject({ image: imageId, class: classId.nullable() }))
    .min(1)
    .max(5000),
  by: person,
  from: z.enum(['grid', 'next', 'clusters', 'suspects', 'import']),
});
const undoRequest = z.strictObject({ by: person });
const name = z.string().min(1).max(200);
const key = z.string().length(1).nullable();
const classRequest = z.union([
  z.strictObject({ add: z.strictObject({ name, key: key.optional() }) }),
  z.strictObject({ rename: z.strictObject({ id: classId, name }) }),
  z.strictObject({ key: z.strictObject({ id: classId, key }) }),
]);
const importRequest = z.strictObject({ csv: z.string(), by: person });

export function labelRoutes(studio: Studio): Hono {
  const { project, bus } = studio;
  const app = new Hono();

  app.post('/api/labels', async (c) => {
    const { items, by, from } = await bodyOf(c, labelRequest);
    announce(studio, project.labels.apply(items, by, from), by);
    return c.json(labelAnswer(studio, by));
  });

  for (const what of ['undo', 'redo'] as const) {
    app.post(`/api/${what}`, async (c) => {
      const { by } = await bodyOf(c, undoRequest);
      const changed = project.labels[what](by);
      if (changed.length > 0) announce(studio, changed, by);
      return c.json({ ...labelAnswer(studio, by), changed } satisfies UndoAnswer);
    });
  }

  app.post('/api/classes', async (c) => {
    project.classes.change(await bodyOf(c, classRequest));
    const revision = project.table.touch([]);
    const classes = project.counted();
    bus.emit({ type: 'labels', revision, classes, images: [], by: '' });
    return c.json({ classes });
  });

  app.get('/api/labels.csv', (c) =>
    c.body(labelsToCsv(project), 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="labels.csv"',
    }),
  );

  app.post('/api/labels.csv', async (c) => {
    const { csv, by } = await bodyOf(c, importRequest);
    const { items, left, added } = labelsFromCsv(csv, project);
    const changed = project.labels.apply(items, by, 'import');
    project.table.touch([]); // classes may be new
    announce(studio, changed, by);
    return c.json({ ...labelAnswer(studio, by), imported: items.length, left, added } satisfies ImportAnswer);
  });

  return app;
}
