/** @file The identity of a set whose images lie mapped in a file of the user's: computed once, and kept in the cache under the file's state. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import type { JobIo } from '../../runs/events.js';
import { endIfAsked } from '../../runs/stops.js';
import { type ImageSet, labelList } from '../image-set.js';
import { PARTS, type Part } from '../parts.js';
import { identityFile } from '../store/cache.js';
import { contentHash, DIGEST_BYTES, digestOf } from '../store/store-file.js';
import { doubtsOf } from '../twins/doubts.js';
import { pixelsAt } from './safetensors-tensors.js';

interface Identity {
  hash: string;
  warnings: string[];
}

export async function mappedIdentity(set: ImageSet, key: string, io: JobIo): Promise<Identity> {
  const file = identityFile(key);
  const known = existsSync(file) ? read(file) : null;
  if (known !== null) return known;
  const found = await identityOf(set, io);
  mkdirSync(dirname(file), { recursive: true });
  atomicWrite(file, (handle) => writeAll(handle, Buffer.from(`${JSON.stringify(found)}\n`)));
  return found;
}

/** From all its pixels and labels. */
export async function identityOf(set: ImageSet, io: JobIo): Promise<Identity> {
  const digests = await digestsOf(set, io);
  const labels = {} as Record<Part, number[]>;
  for (const part of PARTS) labels[part] = set[part] === null ? [] : labelList(set[part]);
  const { name, classes, imageSize } = set;
  return {
    hash: contentHash({ name, classes, imageSize, labels }, digests),
    warnings: doubtsOf({ classes, labels, digests }),
  };
}

/** What the pixels of every image hash to, by part. */
export async function digestsOf(set: ImageSet, io: JobIo): Promise<Record<Part, Buffer>> {
  const digests = {} as Record<Part, Buffer>;
  for (const part of PARTS) {
    const split = set[part];
    digests[part] = Buffer.alloc((split?.count ?? 0) * DIGEST_BYTES);
    for (let i = 0; i < (split?.count ?? 0); i++) {
      digestOf(pixelsAt(split!.images, i)).copy(digests[part], i * DIGEST_BYTES);
      if (i % 1000 !== 999) continue;
      await new Promise(setImmediate);
      endIfAsked(io.signal);
    }
  }
  return digests;
}

function read(file: string): Identity | null {
  try {
    const { hash, warnings } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof hash === 'string' && Array.isArray(warnings) ? { hash, warnings } : null;
  } catch {
    return null; // a cache that cannot be read is made anew
  }
}
