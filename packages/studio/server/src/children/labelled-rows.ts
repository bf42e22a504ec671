/** @file A set that is not made of files, with the labels and parts of the studio. */
import { readFileSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { type ImageSet, imageSet, openImages, type TensorPart } from 'twoview';
import { PARTS } from '../project/image-table.js';
import type { RunRows } from '../runs/run-table.js';
import type { SourceOptions } from './images-child.js';

/** @param file as `writeRunRows` wrote it @throws TwoviewError; TorchError */
export async function labelledRows({ source, reading }: SourceOptions, file: string): Promise<ImageSet> {
  const { classes, rows } = JSON.parse(readFileSync(file, 'utf8')) as RunRows;
  using set = await openImages(source, reading);
  const parts = torch.scope(() =>
    PARTS.map((part) =>
      partOf(
        set,
        rows.filter((one) => one.part === part),
      ),
    ),
  );
  const [train, val, test] = parts;
  return await imageSet({ name: set.name, classes, train: train!, ...(val && { val }), ...(test && { test }) });
}

function partOf(set: ImageSet, rows: RunRows['rows']): TensorPart | undefined {
  if (rows.length === 0) return undefined;
  const pieces = PARTS.map((from) => {
    const chosen = rows.filter((one) => one.from.part === from);
    const at = torch.tensor(
      chosen.map((one) => one.from.row),
      { dtype: 'int64' },
    );
    return { labels: chosen.map(({ label }) => label), images: set[from]?.images.indexSelect(0, at) ?? null };
  });
  return {
    images: torch.cat(pieces.flatMap(({ images }) => (images === null ? [] : [images]))),
    labels: pieces.flatMap(({ labels }) => labels),
  };
}
