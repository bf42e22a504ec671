/** @file A cell must hold one label: every combination of several would silently become a class of its own. */
import { invalid } from './table-text.js';

/** @throws TwoviewError TABLE_INVALID naming the first such row */
export function requireOneLabel(entries: readonly { line: number; label: string }[], file: string): void {
  const first = new Map<string, number>();
  for (const { label, line } of entries) if (!first.has(label)) first.set(label, line);
  const labels = [...first.keys()];
  const several = labels.find((label) => isList(label)) ?? combined(labels);
  if (several === undefined) return;
  throw invalid(`${file}:${first.get(several)}`, `this cell holds several labels: ${several}`, [
    'one image has one class here: decide for one, or leave the label empty',
    'if this is the name of one class, write it without the separator',
  ]);
}

/** cat|indoor, ["cat", "indoor"], {"choices": [...]}, ['cat', 'indoor'] */
const isList = (label: string): boolean => label.includes('|') || /^(\[.*\]|\{.*[:,].*\})$/s.test(label);

/**
 * Names of one class may hold a comma (`maillot, tank suit` beside `maillot` in ImageNet); lists of labels share most of their parts
 * with other cells.
 *
 * @returns the first of them
 */
function combined(labels: readonly string[]): string | undefined {
  for (const separator of [',', ';']) {
    const parts = new Map(labels.map((label) => [label, label.split(separator).map((part) => part.trim())]));
    const joined = labels.filter((label) => parts.get(label)!.length > 1);
    const uses = new Map<string, number>();
    for (const list of parts.values()) for (const part of new Set(list)) uses.set(part, (uses.get(part) ?? 0) + 1);
    const shared = joined.filter((label) => parts.get(label)!.some((part) => uses.get(part)! > 1));
    if (shared.length > 0 && shared.length * 2 >= joined.length) return shared[0];
  }
  return undefined;
}
