/** @file Pre-trainings of some steps as processes of their own, watched from outside. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../packages/twoview/dist/src/cli/free-port.js';
import { pictures } from './same-start.mjs';
import { watched } from './watched.mjs';

const SCRIPT = fileURLToPath(new URL('./pretrain-steps.mjs', import.meta.url));
const THREADS = 2;

/** @param {number} images to have at hand @param {number} larger times 32 pixels */
export async function startWith(model, images, larger = 1) {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-bench-'));
  const data = await pictures(join(folder, 'images.safetensors'), images, larger);
  const shared = { images: data, model, temperature: 0.5, lr: 0.03, seed: 0, precision: 'auto' };
  // Measures the precision, and keeps it.
  await watched(process.execPath, [SCRIPT, JSON.stringify({ ...shared, batch: 2, steps: 1, threads: THREADS })]);
  return {
    /** Several processes share the threads and the batch; process 0 is watched. */
    async run({ processes = 1, ...rest }) {
      const options = JSON.stringify({ ...shared, ...rest, threads: THREADS / processes });
      if (processes === 1) return await watched(process.execPath, [SCRIPT, options]);
      const together = {
        WORLD_SIZE: String(processes),
        MASTER_ADDR: '127.0.0.1',
        MASTER_PORT: String(await freePort()),
      };
      for (let rank = 1; rank < processes; rank++) {
        const env = { ...process.env, ...together, RANK: String(rank) };
        spawn(process.execPath, [SCRIPT, options], { env, stdio: 'ignore' });
      }
      return await watched(process.execPath, [SCRIPT, options], { ...together, RANK: '0' });
    },
    end: () => rmSync(folder, { recursive: true }),
  };
}
