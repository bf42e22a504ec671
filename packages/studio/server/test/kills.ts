/** @file kill -9 under scripted labelling: every label that was answered is there after the next start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from './client.js';

/** bin/twoview.js, which runs what is compiled. */
export const COMMAND = fileURLToPath(
  new URL(
    `${import.meta.url.includes('/dist/') ? '../../../../../' : '../../../'}twoview/bin/twoview.js`,
    import.meta.url,
  ),
);
const CLASSES = ['cat', 'dog', 'owl'];
/** Requests that are under way at once. */
const HANDS = 4;

async function start(source: string, project: string): Promise<{ server: ChildProcess; client: Client }> {
  const server = spawn(process.execPath, [COMMAND, 'studio', source, '--no-open', '--project', project], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for await (const line of createInterface({ input: server.stderr! })) {
    const address = /http:\S+/.exec(line)?.[0];
    if (address === undefined) continue;
    server.stderr!.resume();
    const client = new Client(Number(new URL(address).port));
    await client.signIn(address);
    return { server, client };
  }
  throw new Error('the studio did not start');
}

/**
 * @param random from [0, 1)
 * @returns how many labels were answered in all @throws Error for one that is lost
 */
export async function labelAndKill(options: {
  source: string;
  project: string;
  kills: number;
  images: number;
  random: () => number;
}): Promise<{ answered: number; missing: string[] }> {
  const { source, project, kills, images, random } = options;
  /** What each image may have: the last answer, or requests after it that were never answered. */
  const allowed = new Map<number, (number | null)[]>();
  const missing: string[] = [];
  let answered = 0;
  for (let kill = 0; kill <= kills; kill++) {
    const { server, client } = await start(source, project);
    while ((await client.get('/api/state')).json.images < images)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const { label } = (await client.get('/api/images')).json;
    for (const [image, values] of allowed) {
      const now = label[image] < 0 ? null : label[image];
      if (!values.includes(now)) missing.push(`kill ${kill}: image ${image} is ${now}, and may be ${values}`);
      allowed.set(image, [now]);
    }
    if (kill === 0) for (const name of CLASSES) await client.post('/api/classes', { add: { name } });
    let alive = true;
    const hand = async (offset: number) => {
      while (alive) {
        const image = Math.floor(random() * (images / HANDS)) * HANDS + offset; // no two hands hold one image
        const given = random() < 0.1 ? null : Math.floor(random() * CLASSES.length);
        const before = allowed.get(image) ?? [null];
        allowed.set(image, [...before, given]);
        try {
          const { status } = await client.post('/api/labels', {
            items: [{ image, class: given }],
            by: `hand ${offset}`,
            from: 'grid',
          });
          if (status !== 200) throw new Error(`status ${status}`);
          allowed.set(image, [given]);
          answered++;
        } catch {
          return;
        }
      }
    };
    const hands = Array.from({ length: HANDS }, (_, i) => hand(i));
    await new Promise((resolve) => setTimeout(resolve, 5 + random() * 300));
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    alive = false;
    await Promise.all(hands);
  }
  return { answered, missing };
}

/** Seeded, so that a failure can be repeated as far as time allows (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
