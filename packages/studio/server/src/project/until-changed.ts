/** @file What is counted over all images, kept until one of them changes: every page asks for it again and again. */
import type { ImageTable } from './image-table.js';

/** @returns the same as `count`, called again only after a change of the table, or for another table */
export function untilChanged<Value>(tableNow: () => ImageTable, count: () => Value): () => Value {
  let kept: { table: ImageTable; revision: number; value: Value } | null = null;
  return () => {
    const table = tableNow();
    if (kept?.table !== table || kept.revision !== table.revision) {
      kept = { table, revision: table.revision, value: count() };
    }
    return kept.value;
  };
}
