/** @file Why an image file gives no pixels: three different things, with three different ways out. */
import type { ErrorCode } from '../../errors.js';

export type Fault = 'damaged' | 'unsupported' | 'too large' | 'unreadable';

export const FAULTS: Record<Fault, { code: ErrorCode; what: string; next: string[] }> = {
  damaged: {
    code: 'DATA_CORRUPT',
    what: 'could not be read: they are damaged',
    next: ['replace or remove them', '--skip-corrupt  leaves them out, and counts them'],
  },
  unsupported: {
    code: 'DATA_UNSUPPORTED',
    what: 'are of a kind that is not read here',
    next: [
      'save them as PNG or JPEG, for example with ImageMagick: magick FILE FILE.png',
      'or move them out of the set',
    ],
  },
  'too large': {
    code: 'DATA_TOO_LARGE',
    what: 'are too large to decode',
    next: ['cut or scale them before', 'or move them out of the set'],
  },
  unreadable: {
    code: 'DATA_UNREADABLE',
    what: 'cannot be opened',
    next: ['make them readable (chmod, chown), or take them out of the set'],
  },
};

export class Undecodable extends Error {
  constructor(
    readonly fault: Fault,
    message: string,
  ) {
    super(message);
  }
}
