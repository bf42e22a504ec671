#!/usr/bin/env node
/** @file Writes docs/cli.md and docs/errors.md from the built schemas and error tables: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cliReference, errorsReference } from '../packages/twoview/dist/src/cli/reference.js';

const pages = { 'cli.md': await cliReference(), 'errors.md': errorsReference() };
for (const [name, text] of Object.entries(pages)) {
  const file = fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
  writeFileSync(file, text);
  console.log(file);
}
