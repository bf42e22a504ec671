/** @file A thread that decodes its share of the files and writes them to their places in the store. */
import { closeSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type Place, writeImage } from '../store/store-file.js';
import { type Decoded, type DecodeOptions, decodeImage, type Trait } from './decode.js';
import { type Fault, Undecodable } from './undecodable.js';

export interface DecodeFile {
  path: string;
  at: Place;
}

export interface DecodeWork {
  target: string;
  options: DecodeOptions;
  files: DecodeFile[];
}

export interface Failure {
  path: string;
  fault: Fault;
  why: string;
}

export type DecodeMessage =
  | { done: number }
  | { failure: Failure }
  | { traits: Trait[] }
  | { undeclared: NonNullable<Decoded['undeclared']>; file: DecodeFile }
  | { failed: string; code: string };

const REPORT = 200;

const { target, options, files } = workerData as DecodeWork;
const port = parentPort!;
const send = (message: DecodeMessage) => port.postMessage(message);
const output = openSync(target, 'r+');
let unreported = 0;
for (const file of files) {
  const { path, at } = file;
  let decoded: Decoded | null = null;
  try {
    decoded = await decodeImage(path, options);
    if (decoded.undeclared !== undefined) send({ undeclared: decoded.undeclared, file });
    else if (decoded.traits.length > 0) send({ traits: decoded.traits });
  } catch (error) {
    const fault = error instanceof Undecodable ? error.fault : 'damaged';
    send({ failure: { path, fault, why: error instanceof Error ? error.message.split('\n')[0]! : String(error) } });
  }
  try {
    if (decoded?.pixels) writeImage(output, at, decoded.pixels);
  } catch (error) {
    send({ failed: String(error), code: (error as NodeJS.ErrnoException).code ?? '' });
    break;
  }
  if (++unreported === REPORT) {
    send({ done: unreported });
    unreported = 0;
  }
}
send({ done: unreported });
closeSync(output);
