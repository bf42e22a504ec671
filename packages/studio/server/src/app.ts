/** @file The router: what each address answers, and what becomes of an error. The gate in front of it has checked who asks. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { asRefusal, Refusal } from './refusal.js';
import { accuracyRoutes } from './routes/accuracy.js';
import { imageRoutes } from './routes/images.js';
import { labelRoutes } from './routes/labels.js';
import { learnRoutes } from './routes/learn.js';
import { runRoutes } from './routes/runs.js';
import { suspectRoutes } from './routes/suspects.js';
import type { Studio } from './studio.js';

/** 5,000 labels have 200 KiB; a table of a million images 60 MiB. */
const BODY = 1 << 20;
const TABLE = 64 << 20;

const limit = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new Refusal('TOO_LARGE', `a body has at most ${maxSize >> 20} MiB here`);
    },
  });

export function studioApp(studio: Studio): Hono {
  const app = new Hono();
  const [small, large] = [limit(BODY), limit(TABLE)];
  app.use((c, next) => (c.req.path === '/api/labels.csv' ? large : small)(c, next));
  for (const routes of [imageRoutes, labelRoutes, learnRoutes, accuracyRoutes, suspectRoutes, runRoutes])
    app.route('/', routes(studio));
  app.notFound((c) => {
    const refusal = new Refusal('NOT_FOUND', 'there is nothing at this address');
    return c.json(refusal.body, refusal.status);
  });
  app.onError((error, c) => {
    const refusal = asRefusal(error);
    return c.json(refusal.body, refusal.status);
  });
  return app;
}
