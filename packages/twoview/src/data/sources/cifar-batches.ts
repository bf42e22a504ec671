/** @file One file of CIFAR: labels, and images of 3072 bytes in planes of red, green and blue. Layouts: cs.toronto.edu/~kriz/cifar.html */
import { existsSync, readFileSync } from 'node:fs';
import { NumpyArray, unpickleNumpy } from '@twoview/torch';
import { TwoviewError } from '../../errors.js';
import { unreadable } from './listing.js';

export const PIXELS = 3 * 32 * 32;

export interface Batch {
  labels: number[];
  /** [3, 32, 32] uint8. */
  image(index: number): Uint8Array;
}

export function damaged(path: string, what: string, cause?: unknown): TwoviewError {
  return new TwoviewError('DATA_CORRUPT', {
    what: `this CIFAR batch is damaged: ${what}`,
    where: path,
    next: ['get the file again'],
    cause,
  });
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @param labelBytes bytes before each image; the last of them counts (CIFAR-100: the fine label) @throws DATA_CORRUPT */
export function readBinary(path: string, labelBytes: number): Batch {
  const bytes = bytesOf(path);
  const record = labelBytes + PIXELS;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw damaged(path, `it is cut off, ${bytes.length} bytes are not a multiple of ${record}`);
  }
  return {
    labels: Array.from({ length: bytes.length / record }, (_, i) => bytes[i * record + labelBytes - 1]!),
    image: (i) => bytes.subarray(i * record + labelBytes, (i + 1) * record),
  };
}

/** A pickled dict of `data`, a uint8 array [N, 3072], and labels. Nothing in it is run. @throws DATA_CORRUPT */
export function readPython(path: string, labelKey: string): Batch {
  const dict = pickled(path);
  const data = dict.get('data');
  const labels = dict.get(labelKey);
  if (!(data instanceof NumpyArray) || data.dtype !== 'uint8' || data.shape[1] !== PIXELS) {
    throw damaged(path, 'it holds no uint8 array of 3072 values an image');
  }
  if (!Array.isArray(labels) || labels.length !== data.shape[0]) {
    throw damaged(path, `it holds ${data.shape[0]} images and ${Array.isArray(labels) ? labels.length : 'no'} labels`);
  }
  const wrong = labels.findIndex((label) => !Number.isInteger(label) || label < 0);
  if (wrong >= 0) throw damaged(path, `label ${wrong} is ${String(labels[wrong])}`);
  return { labels, image: (i) => data.data.subarray(i * PIXELS, (i + 1) * PIXELS) };
}

/** Batches that went through Python 3's encoding="bytes" have bytes as keys. */
const asText = (key: unknown) => (key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : String(key));

function pickled(path: string): Map<string, unknown> {
  try {
    const value = unpickleNumpy(bytesOf(path), path);
    if (value instanceof Map) return new Map([...value].map(([key, entry]) => [asText(key), entry]));
  } catch (error) {
    if (error instanceof TwoviewError) throw error;
    throw damaged(path, error instanceof Error ? error.message : String(error), error);
  }
  throw damaged(path, 'it holds no dict');
}

export const binaryNames = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    : [];

export function pythonNames(path: string, key: string): string[] {
  const names = existsSync(path) ? pickled(path).get(key) : [];
  return Array.isArray(names) ? names.map(String) : [];
}
