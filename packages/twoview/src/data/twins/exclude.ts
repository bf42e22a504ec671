/** @file A set without the test images that have a twin among the training images: what is measured on them is memory. */
import { createHash } from 'node:crypto';
import * as torch from '@twoview/torch';
import type { JobIo } from '../../runs/events.js';
import type { ImageSet } from '../image-set.js';
import { testTwins, twinsOf } from './set-twins.js';

export async function withoutTwins(set: ImageSet, io: JobIo): Promise<ImageSet> {
  const { test } = set;
  if (test === null) return set;
  const out = new Set(testTwins(await twinsOf(set, io)));
  const note = `${out.size} of ${test.count} test images were left out: they have twins among the training images (--exclude duplicates)`;
  set.notes = [...set.notes, note];
  if (out.size === 0) return set;
  const kept = Array.from({ length: test.count }, (_, i) => i).filter((i) => !out.has(i));
  const { images, labels } = torch.scope(() => {
    const index = torch.tensor(kept, { dtype: 'int64' });
    return { images: test.images.indexSelect(0, index), labels: test.labels.indexSelect(0, index) };
  });
  const paths = test.paths && kept.map((i) => test.paths![i]!);
  test.images.dispose();
  test.labels.dispose();
  Object.assign(test, { images, labels, paths, count: kept.length });
  const digests = set.digests.bind(set);
  set.digests = async () => {
    const all = await digests();
    return { ...all, test: Buffer.concat(kept.map((i) => all.test.subarray(16 * i, 16 * (i + 1)))) };
  };
  set.hash = createHash('sha256')
    .update(`${set.hash} without ${[...out].sort()}`)
    .digest('hex')
    .slice(0, 24);
  set.warnings = set.warnings.filter((text) => !text.includes('test images are training images'));
  if (kept.length === 0) set.test = null;
  return set;
}
