/** @file Frames a second while the map is moved, in a browser that draws in software: a bound for machines with a graphics card. */
import { openPage } from './browser.mjs';
import { sleep, untilReady } from './server.mjs';

const SECONDS = 5;
/** The page finds out first how many points it can draw. */
const WARM_UP = 2;
const TURNS = 3;

export async function* measure(bench) {
  bench.requireWeights();
  const server = await bench.known();
  await untilReady(await server.client());
  const page = await openPage(await bench.browser(), server, 'map');
  await page.waitForFunction(
    () => performance.getEntriesByType('resource').some(({ name }) => /\/api\/map/.test(name)),
    { polling: 100 },
  );
  await sleep(2000);
  await page.evaluate(pan, WARM_UP);
  const samples = [];
  for (let i = 0; i < TURNS; i++) samples.push(await page.evaluate(pan, SECONDS));
  yield {
    what: 'frames a second while the map is moved',
    ...{ target: { least: 30, unit: '' }, samples },
    detail: `${(await bench.images()).truth.size} points at rest, while it moves as many as the page can draw; ${TURNS} times ${SECONDS} s, 1280 x 800, in software`,
  };
}

/** Runs in the page: drags the map by one step in each frame. @returns frames a second */
function pan(seconds) {
  const canvas = document.querySelector('canvas');
  const { x, y, width, height } = canvas.getBoundingClientRect();
  const [cx, cy] = [x + width / 2, y + height / 2];
  const fire = (type, clientX, buttons) =>
    canvas.dispatchEvent(
      new PointerEvent(type, {
        ...{ clientX, clientY: cy, buttons, button: 0, pointerId: 1 },
        ...{ pointerType: 'mouse', bubbles: true, isPrimary: true },
      }),
    );
  return new Promise((resolve) => {
    fire('pointerdown', cx, 1);
    let frames = 0;
    let began;
    const move = (now) => {
      began ??= now;
      if (now - began < 1000 * seconds) {
        frames++;
        fire('pointermove', cx + 150 * Math.sin(frames / 12), 1);
        return requestAnimationFrame(move);
      }
      fire('pointerup', cx, 0);
      resolve((1000 * frames) / (now - began));
    };
    requestAnimationFrame(move);
  });
}
