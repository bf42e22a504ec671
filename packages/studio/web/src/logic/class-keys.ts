/** @file Which key gives which class. */
import type { ClassInfo } from '../api/types.js';

/** For the first nine classes digits, for the next sixteen the letters that no view uses for anything else; 0 removes a label. */
const KEYS = '123456789qwertyiopzxcvbnm';

/** @returns class id by key: the classes' own keys, and those of `KEYS` that are free for the first classes without */
export function classKeys(classes: readonly ClassInfo[]): Map<string, number> {
  const keys = new Map<string, number>();
  for (const { id, key } of classes) if (key !== null) keys.set(key, id);
  const free = [...KEYS].filter((key) => !keys.has(key));
  for (const { id, key } of classes) {
    if (key !== null) continue;
    const next = free.shift();
    if (next === undefined) break;
    keys.set(next, id);
  }
  return keys;
}
