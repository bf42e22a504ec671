/** @file `twoview studio` as people start it, in a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { signedIn } from './asking.mjs';

const COMMAND = fileURLToPath(new URL('../../packages/twoview/bin/twoview.js', import.meta.url));
/** A training that stops at a checkpoint may take its time. */
const PATIENCE_MS = 90_000;
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param {{ source: string, project: string, weights?: string, data: string }} options `data`: where decoded images are kept
 * @returns when it has printed its address; `began` is in milliseconds since 1970, as `performance.timeOrigin` is in a page
 */
export async function startServer({ source, project, weights, data }) {
  const began = performance.timeOrigin + performance.now();
  const args = [COMMAND, 'studio', source, '--project', project, '--no-open', '--port', '0'];
  const child = spawn(process.execPath, [...args, ...(weights ? ['--weights', weights] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TWOVIEW_DATA: data },
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let said = '';
  const address = await new Promise((resolve, reject) => {
    const hear = (text) => {
      said = (said + text).slice(-4000);
      const found = /http:\S+(?=\s)/.exec(said)?.[0];
      if (found) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    ended.then((code) => reject(new Error(`twoview studio ended with ${code}:\n${said}`)));
  });
  let client;
  return {
    ...{ began, address, origin: new URL(address).origin, pid: child.pid, project },
    /** The address is good for one use: either this, or a page that opens it. */
    async client() {
      client ??= await signedIn(address);
      return client;
    },
    async close() {
      client?.close();
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Waits until all images are decoded, and their representations are there where there is an encoder. @returns the state */
export async function untilReady({ get }) {
  while (true) {
    const state = await get('/api/state');
    if (state.phase === 'failed') throw new Error(state.failure);
    const { encoder } = state;
    if (state.phase === 'ready' && state.work.length === 0 && (encoder === null || encoder.featureSize > 0))
      return state;
    await sleep(100);
  }
}
