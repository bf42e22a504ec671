import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import * as torch from '../src/index.js';
import { checkTypes } from './check-types.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const folder = new URL('../../../examples/', import.meta.url);
const examples = readdirSync(folder).filter((name) => /^torch-.*\.ts$/.test(name));
/** Without the line that says what the file is. */
const snippet = (name: string) =>
  readFileSync(new URL(name, folder), 'utf8').split('*/\n').slice(1).join('*/\n').trim();

// The examples name no threads; one is quickest for work as small as theirs.
beforeAll(() => torch.load({ threads: 1 }));
afterEach(() => vi.restoreAllMocks());

test('every snippet of the README is a file in examples, and every such file is in it', () => {
  const blocks = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, text]) => text!.trim());
  expect(blocks.length).toBeGreaterThan(3);
  expect([...blocks].sort()).toEqual(examples.map(snippet).sort());
});

/** What each example prints, in the words of its own comments where it has some. */
const PRINTS: Record<string, (lines: string[]) => void> = {
  'torch-ten-lines.ts': (lines) => {
    const losses = lines.map((line) => Number(/^step \d+ {2}loss ([\d.]+)$/.exec(line)![1]));
    expect(losses).toHaveLength(3);
    expect(losses.at(-1)).toBeLessThan(0.1 * losses[0]!); // seeds are left to chance: it has learnt with any
  },
  'torch-lifetimes.ts': (lines) => expect(lines).toEqual(['2.5 tensor([0., 1., 2.]) 2', '0']),
  'torch-devices.ts': (lines) => expect(lines).toEqual(['4 x 8 x 30 x 30 bfloat16']),
  'torch-errors.ts': (lines) => {
    expect(lines[0]).toBe('OPERATOR aten::mm');
    expect(lines[1]).toMatch(/^aten::mm: mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)\n/);
  },
};

test.each(examples)('%s runs and prints what it says', async (name) => {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => void lines.push(words.join(' ')));
  await import(new URL(name, folder).href);
  PRINTS[name]!(lines);
});

test('the examples pass the type-checker', () => {
  expect(checkTypes(examples.map((name) => new URL(name, folder)))).toEqual({ status: 0, stdout: '' });
}, 60_000);

test('the table of errors is the one in the code', () => {
  const rows = Array.from(readme.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm), ([, code, meaning]) => [code, meaning]);
  expect(rows).toEqual(Object.entries(torch.TORCH_ERRORS).map(([code, { meaning }]) => [code, meaning]));
});
