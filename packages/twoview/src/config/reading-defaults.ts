/** @file How images are read where nobody says otherwise. Apart from the schemas, so that a program that opens images loads none of them. */

export const READING_DEFAULTS = {
  imageSize: 'auto',
  skipCorrupt: false,
  background: 'white',
  encoding: 'auto',
  pathColumn: 'auto',
  labelColumn: 'auto',
  splitColumn: 'auto',
  exclude: 'none',
} as const;
