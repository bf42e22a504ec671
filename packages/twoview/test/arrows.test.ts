/** @file Imports go one way: cli -> library -> report -> experiment -> (ssl, finetune, select) -> evaluate -> own -> models, data -> augment, losses -> torch. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** From the bottom up; folders of one row do not know each other. */
const LAYERS = [
  ['errors.ts'],
  ['config'],
  ['runs'],
  ['augment', 'losses'],
  ['data', 'models'],
  ['own'],
  ['evaluate'],
  ['ssl', 'finetune', 'select'],
  ['experiment'],
  ['report'],
  ['library'],
  ['cli', 'index.ts'],
];
/** The library below: native calls, then tensors, then what is made of them. Files side by side are one folder here. */
const TORCH_LAYERS = [
  ['.', 'dispatch', 'generated', 'print', 'engine'],
  ['io', 'nn'],
  ['optim', 'distributed'],
];

interface Arrow {
  from: string;
  to: string;
}

/** Imports across files of a source folder, type imports as well. */
function arrowsIn(source: string): Arrow[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((from) => {
      const text = readFileSync(join(source, from), 'utf8');
      const imports = text.matchAll(/^(?:import|export)\s[^;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm);
      return [...imports].map(([, still, lazy]) => ({
        from,
        to: normalize(join(dirname(from), (still ?? lazy)!)).replace(/\.js$/, '.ts'),
      }));
    });
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folderOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : file);

describe('packages/twoview/src', () => {
  const arrows = arrowsIn(at('../src'));
  const rank = (file: string) => LAYERS.findIndex((layer) => layer.includes(folderOf(file)));

  test('every folder has a layer', () => {
    expect(arrows.filter(({ from, to }) => rank(from) < 0 || rank(to) < 0)).toEqual([]);
    expect(arrows.length).toBeGreaterThan(200);
  });
  test('no import goes up, or sideways into another folder', () => {
    const wrong = arrows.filter(({ from, to }) => folderOf(from) !== folderOf(to) && rank(to) >= rank(from));
    expect(wrong).toEqual([]);
  });
  test('libtorch is reached through @twoview/torch alone, by the names that it exports', () => {
    expect(arrows.filter(({ to }) => to.startsWith('..'))).toEqual([]);
  });
});

describe('packages/torch/src', () => {
  const arrows = arrowsIn(at('../../torch/src')).filter(({ from }) => from !== 'index.ts');
  const folder = (file: string) => (file.includes('/') ? file.split('/')[0]! : '.');
  const rank = (file: string) => TORCH_LAYERS.findIndex((layer) => layer.includes(folder(file)));

  test('every folder has a layer, and no import goes up', () => {
    expect(arrows.filter(({ from, to }) => rank(from) < 0 || rank(to) > rank(from))).toEqual([]);
  });
  test('the engine, which finds and builds libtorch, needs nothing but the error class', () => {
    const out = arrows.filter(({ from, to }) => folder(from) === 'engine' && folder(to) !== 'engine');
    expect([...new Set(out.map(({ to }) => to))]).toEqual(['error.ts']);
  });
});
