/** @file The programs in examples/twoview pass the compiler, run, and print what they should. */
import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';

const tools: string = '../../torch/test/check-types.js';
const { checkTypes } = (await import(tools)) as {
  checkTypes: (files: readonly URL[]) => { status: number | null; stdout: string };
};
const folder = new URL('../../../examples/twoview/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.mts'));

test('the examples pass the type-checker', () => {
  expect(checkTypes(names.map((name) => new URL(name, folder)))).toEqual({ status: 0, stdout: '' });
}, 60_000);

const number = (pattern: RegExp, text: string | undefined) => Number(pattern.exec(text ?? '')?.[1] ?? Number.NaN);
const losses = (lines: string[]) => lines.flatMap((line) => number(/loss (-?\d+\.\d+)/, line) || []);

const SEEN: Record<string, (lines: string[]) => void> = {
  'own-network.mts': (lines) => {
    const [first, last] = losses(lines);
    expect(last).toBeLessThan(first!);
    expect(lines.at(-1)).toMatch(/^accuracy 0\.\d\d with \d+ labels$/);
  },
  'own-loss.mts': (lines) => {
    const [first, last] = losses(lines);
    expect(last).toBeLessThan(first!);
  },
  'own-views.mts': (lines) => {
    expect(losses(lines)[0]).toBeLessThan(number(/chance (\d\.\d+)/, lines[0]));
  },
  'own-images.mts': (lines) => expect(number(/kNN (\d\.\d+)/, lines[0])).toBeGreaterThan(0.4), // chance is 0.25
  'features.mts': (lines) => {
    expect(lines[0]).toBe('2000 images, 128 numbers each');
    expect(lines[1]).toMatch(/^image 0,\S+ looks like \d+,\S+ and \d+,/);
  },
  'own-loop.mts': (lines) => {
    const all = losses(lines);
    expect(all.at(-1)).toBeLessThan(all[0]! - 0.2);
    expect(number(/kNN (\d\.\d+)/, lines.at(-1))).toBeGreaterThan(0); // a minute teaches more than seconds
  },
};

test('every program has something to be looked for', () => {
  expect(names.sort()).toEqual(Object.keys(SEEN).sort());
});

test.each(names)('%s', async (name) => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((...words) => void lines.push(words.map(String).join(' ')));
  await import(new URL(name, folder).href);
  spy.mockRestore();
  SEEN[name]!(lines);
});
