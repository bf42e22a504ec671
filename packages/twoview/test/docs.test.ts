/** @file The pages that are made from code say what the code says, and every path that a page names exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cliReference, errorsReference } from '../src/cli/reference.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');

describe('pages made by npm run docs', () => {
  test('docs/cli.md is what the schemas and commands say', async () => {
    expect(page('cli.md')).toBe(await cliReference());
  });
  test('docs/errors.md is what the tables of errors say', () => {
    expect(page('errors.md')).toBe(errorsReference());
  });
});

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'packages/twoview/README.md',
  'packages/torch/README.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md') && existsSync(join(root, name)));

/** Paths that stand in code quotes: packages/..., docs/..., scripts/..., benchmarks/... */
const quoted = (text: string) =>
  [...text.matchAll(/`((?:packages|docs|scripts|benchmarks|examples)\/[^`\s]*)`/g)].map((match) => match[1]!);
/** Targets of links inside the repository. */
const linked = (text: string) => [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1]!);

describe('every path named exists', () => {
  test.each(pages)('%s', (name) => {
    const text = readFileSync(join(root, name), 'utf8');
    const missing = [
      ...quoted(text).filter((path) => !/[*<{]/.test(path) && !existsSync(join(root, path))),
      ...linked(text).filter((path) => !existsSync(join(root, dirname(name), path))),
    ];
    expect(missing).toEqual([]);
  });

  test('architecture.md names files at all, so that the check above means something', () => {
    expect(quoted(page('architecture.md')).length).toBeGreaterThan(20);
  });
});

test('architecture.md has every folder of the source', () => {
  const text = page('architecture.md');
  const folders = ['packages/twoview/src', 'packages/torch/src'].flatMap((source) =>
    readdirSync(join(root, source), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${source}/${entry.name}`),
  );
  expect(folders.filter((folder) => !text.includes(folder))).toEqual([]);
});
