/** @file "Did you mean": the known word that is nearest to a mistyped one. */
import { distance } from 'fastest-levenshtein';

/** @returns null when nothing is near enough to be what was meant */
export function closest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of known) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}
