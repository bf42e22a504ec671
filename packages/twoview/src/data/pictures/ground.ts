/** @file The colour that lies under transparent pixels, from its name or its digits. */
import { TwoviewError } from '../../errors.js';
import type { Ground } from './planes.js';

const NAMES: Record<string, Ground> = { white: [255, 255, 255], black: [0, 0, 0], gray: [128, 128, 128] };

/** @throws TwoviewError CONFIG_INVALID */
export function groundOf(text: string): Ground {
  const named = NAMES[text.toLowerCase()];
  if (named !== undefined) return named;
  const digits = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (digits !== null) {
    const [red, green, blue] = digits.slice(1).map((pair) => Number.parseInt(pair, 16)) as [number, number, number];
    return [red, green, blue];
  }
  throw new TwoviewError('CONFIG_INVALID', {
    what: 'this is no colour',
    where: `--background ${text}`,
    next: [`${Object.keys(NAMES).join(', ')}, or six digits: ffe4b5`],
  });
}
