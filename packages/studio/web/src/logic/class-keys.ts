/** @file Which key gives which class. */
import type { ClassInfo } from '../api/types.js';

/** @returns class id by key: the classes' own keys, and 1 to 9, as far as they are free, for the first classes without */
export function classKeys(classes: readonly ClassInfo[]): Map<string, number> {
  const keys = new Map<string, number>();
  for (const { id, key } of classes) if (key !== null) keys.set(key, id);
  const free = [...'123456789'].filter((key) => !keys.has(key));
  for (const { id, key } of classes) {
    if (key !== null) continue;
    const next = free.shift();
    if (next === undefined) break;
    keys.set(next, id);
  }
  return keys;
}
