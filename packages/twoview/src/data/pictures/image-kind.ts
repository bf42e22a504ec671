/** @file What kind of image a file is, by its first bytes and never by its name. */

export type ImageKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'tiff' | 'avif';

const starts = (bytes: Uint8Array, text: string, at = 0): boolean =>
  [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));

/** Kinds that are known and not read, for a message that helps. */
const UNREAD: [name: string, test: (bytes: Uint8Array) => boolean][] = [
  [
    'HEIC',
    (b) => starts(b, 'ftyp', 4) && ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis'].some((it) => starts(b, it, 8)),
  ],
  ['JPEG XL', (b) => starts(b, '\xff\x0a') || starts(b, 'JXL ', 4)],
  ['JPEG 2000', (b) => starts(b, 'jP  ', 4) || starts(b, '\xff\x4f\xff\x51')],
  ['a Photoshop file', (b) => starts(b, '8BPS')],
  ['PDF', (b) => starts(b, '%PDF')],
  ['SVG', (b) => starts(b, '<svg') || starts(b, '<?xml')],
  ['OpenEXR', (b) => starts(b, '\x76\x2f\x31\x01')],
  ['an icon', (b) => starts(b, '\0\0\x01\0')],
  ['DICOM', (b) => starts(b, 'DICM', 128)],
  ['a portable bitmap', (b) => /^P[1-7]\s/.test(String.fromCharCode(...b.subarray(0, 3)))],
  ['FITS', (b) => starts(b, 'SIMPLE  =')],
];

/** @returns null where the bytes begin like no image that is read */
export function kindOfImage(bytes: Uint8Array): ImageKind | null {
  if (starts(bytes, '\xff\xd8\xff')) return 'jpeg';
  if (starts(bytes, '\x89PNG\r\n\x1a\n')) return 'png';
  if (starts(bytes, 'RIFF') && starts(bytes, 'WEBP', 8)) return 'webp';
  if (starts(bytes, 'GIF87a') || starts(bytes, 'GIF89a')) return 'gif';
  if (starts(bytes, 'BM')) return 'bmp';
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((mark) => starts(bytes, mark))) return 'tiff';
  if (starts(bytes, 'ftyp', 4) && ['avif', 'avis', 'mif1', 'msf1'].some((brand) => starts(bytes, brand, 8)))
    return 'avif';
  return null;
}

export const unreadKind = (bytes: Uint8Array): string | null => UNREAD.find(([, test]) => test(bytes))?.[0] ?? null;
