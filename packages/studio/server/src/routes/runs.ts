/** @file Runs, their figures, forms and reports. */
import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { z } from 'zod';
import { Refusal } from '../refusal.js';
import { formSchema, isCommand } from '../runs/run-settings.js';
import { REPORT_POLICY } from '../security/headers.js';
import type { Studio } from '../studio.js';
import { bodyOf } from './read.js';

const runRequest = z.strictObject({ command: z.string(), settings: z.record(z.string(), z.unknown()) });
const nothing = z.strictObject({});

export function runRoutes(studio: Studio): Hono {
  const { runs, source } = studio;
  const app = new Hono();

  app.get('/api/runs', (c) => c.json({ runs: runs.all }));
  app.get('/api/runs/:id/metrics', async (c) => c.json(await runs.metrics(c.req.param('id'))));
  app.get('/api/runs/:id/course', async (c) =>
    c.body(await runs.course(c.req.param('id')), 200, { 'content-type': 'application/json; charset=utf-8' }),
  );

  app.post('/api/runs', async (c) => {
    const { command, settings } = await bodyOf(c, runRequest);
    if (!isCommand(command)) throw new Refusal('BAD_REQUEST', `there is no command ${command.slice(0, 40)}`);
    if (source.phase !== 'ready') throw new Refusal('NOT_READY', 'the images are being read');
    return c.json({ run: await runs.start(command, settings) });
  });
  for (const what of ['pause', 'continue', 'stop'] as const) {
    app.post(`/api/runs/:id/${what}`, async (c) => {
      await bodyOf(c, nothing);
      return c.json({ run: runs[what](c.req.param('id')) });
    });
  }

  app.post('/api/runs/:id/use', async (c) => {
    await bodyOf(c, nothing);
    studio.useEncoderOf(c.req.param('id'));
    return c.json({});
  });

  app.get('/api/schema/:command', async (c) => {
    const command = c.req.param('command');
    if (!isCommand(command)) throw new Refusal('NOT_FOUND', 'there is no such command');
    return c.json(await formSchema(command));
  });

  app.get('/report/:id', async (c) => {
    const html = await readFile(runs.reportOf(c.req.param('id')), 'utf8').catch(() => null);
    if (html === null) throw new Refusal('NOT_FOUND', 'this run has no report yet');
    return c.html(html, 200, { 'content-security-policy': REPORT_POLICY });
  });

  return app;
}
