/** @file The programs in examples/twoview pass the compiler, run, and print what they should. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { temporaryFolder } from './pictures.js';

const tools: string = '../../torch/test/check-types.js';
const { checkTypes } = (await import(tools)) as {
  checkTypes: (files: readonly URL[]) => { status: number | null; stdout: string };
};
const folder = new URL('../../../examples/twoview/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.mts'));

// The programs of docs/library.md write into the current folder.
const [here, empty] = [process.cwd(), temporaryFolder()];
beforeAll(() => process.chdir(empty));
afterAll(() => {
  process.chdir(here);
  rmSync(empty, { recursive: true });
});

test('every program of docs/library.md is a file in examples, but for the line that says what it is', () => {
  const page = readFileSync(new URL('../../../docs/library.md', import.meta.url), 'utf8');
  const blocks = Array.from(page.matchAll(/```ts\n(.*?)```/gs), ([, text]) => text!.trim());
  const files = names.map((name) =>
    readFileSync(new URL(name, folder), 'utf8').split('*/\n').slice(1).join('*/\n').trim(),
  );
  expect(blocks.length).toBeGreaterThan(2);
  expect(blocks.filter((block) => !files.includes(block))).toEqual([]);
});

test('the examples pass the type-checker', () => {
  expect(checkTypes(names.map((name) => new URL(name, folder)))).toEqual({ status: 0, stdout: '' });
}, 60_000);

const number = (pattern: RegExp, text: string | undefined) => Number(pattern.exec(text ?? '')?.[1] ?? Number.NaN);
const losses = (lines: string[]) => lines.flatMap((line) => number(/loss (-?\d+\.\d+)/, line) || []);

const SEEN: Record<string, (lines: string[]) => void> = {
  'first.mts': (lines) => {
    const [first, last] = losses(lines);
    expect(last).toBeLessThan(first!);
    expect(lines.at(-1)).toMatch(/^accuracy 0\.\d\d with \d+ labels$/);
  },
  'few-labels.mts': (lines) => {
    expect(lines[0]).toMatch(/^teacher: accuracy 0\.\d\d, strength \d/); // seconds teach no more than chance
    expect(lines[1]).toMatch(/^student: accuracy 0\.\d\d$/);
  },
  'exam.mts': (lines) => {
    const [, accuracy, low, high] = /^accuracy (0\.\d+), 95 % interval (0\.\d+) to (0\.\d+)/
      .exec(lines[0]!)!
      .map(Number);
    expect([low! < accuracy!, accuracy! < high!, high! - low! < 0.15]).toEqual([true, true, true]);
    expect(number(/^\d+ of 300 labels are suspect, among them (\d) of the 6 wrong ones$/, lines[1])).toBeGreaterThan(3);
  },
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
