/** @file A thread that decodes its share of the files and writes them to their places in the store. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { decodeImage } from './decode.js';

export interface DecodeWork {
  target: string;
  size: number;
  files: { path: string; at: number }[];
}

export type DecodeMessage = { done: number } | { corrupt: string; why: string } | { failed: string; code: string };

const REPORT = 200;

const { target, size, files } = workerData as DecodeWork;
const port = parentPort!;
const file = openSync(target, 'r+');
let unreported = 0;
for (const { path, at } of files) {
  let pixels: Uint8Array | null = null;
  try {
    pixels = await decodeImage(path, size);
  } catch (error) {
    port.postMessage({ corrupt: path, why: error instanceof Error ? error.message.split('\n')[0] : String(error) });
  }
  try {
    if (pixels !== null) writeSync(file, pixels, 0, pixels.length, at);
  } catch (error) {
    port.postMessage({ failed: String(error), code: (error as NodeJS.ErrnoException).code ?? '' });
    break;
  }
  if (++unreported === REPORT) {
    port.postMessage({ done: unreported });
    unreported = 0;
  }
}
port.postMessage({ done: unreported });
closeSync(file);
