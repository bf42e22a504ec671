/** @file The images of a project that can be used, as a table: what the library opens where the source holds others as well. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { SourceOptions } from '../children/images-child.js';
import type { Listed } from '../project/image-list.js';

/** How tables are read does not concern this one. */
const OF_TABLES = ['encoding', 'pathColumn', 'labelColumn', 'splitColumn'];

/**
 * @param labels class names by image, as the source has them; null where there is none
 * @returns how to open it
 */
export function usableTable(
  { source: _, reading }: SourceOptions,
  {
    folder,
    images,
    labels,
    fileOf,
  }: { folder: string; images: readonly Listed[]; labels: ReadonlyMap<number, string>; fileOf(image: Listed): string },
): SourceOptions {
  const file = join(folder, 'usable-images.csv');
  const rows = images
    .filter(({ ignored, path }) => ignored === null && path !== null)
    .map((image) => [fileOf(image), labels.get(image.id) ?? '', image.part]);
  writeFileSync(file, stringify([['path', 'label', 'part'], ...rows]));
  const kept = Object.entries(reading).filter(([name]) => !OF_TABLES.includes(name));
  return { source: file, reading: Object.fromEntries(kept) };
}
