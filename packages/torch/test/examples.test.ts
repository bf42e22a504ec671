/** @file The programs in examples/pytorch pass the compiler, run, and those that train have learned something. */
import { readdirSync } from 'node:fs';
import { beforeAll, expect, test, vi } from 'vitest';
import * as torch from '../src/index.js';
import { checkTypes } from './check-types.js';

const folder = new URL('../../../examples/pytorch/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.mts'));

beforeAll(() => torch.load({ threads: 1 }));

test('the examples pass the type-checker', () => {
  expect(checkTypes(names.map((name) => new URL(name, folder)))).toEqual({ status: 0, stdout: '' });
}, 60_000);

/** The losses that a program printed, the first and the last. */
function losses(lines: string[]): [number, number] {
  const all = lines.flatMap((line) => /loss (\d+\.\d+)/.exec(line)?.[1] ?? []).map(Number);
  expect(all.length).toBeGreaterThan(1);
  return [all[0]!, all.at(-1)!];
}

const SEEN: Record<string, (lines: string[]) => void> = {
  'custom.mts': (lines) => expect(lines).toEqual(['straight through 1 1', 'twice exp 2.000 2.000']),
  'errors.mts': (lines) => expect(lines).toEqual([]),
  'gpt.mts': (lines) => {
    const [first, last] = losses(lines);
    expect(first).toBeGreaterThan(2.5); // ln 16 = 2.8: it knows nothing yet
    expect(last).toBeLessThan(0.5);
    expect(lines.at(-1)).toMatch(/^to be, or not to be, that is/);
  },
  'loader.mts': (lines) => {
    expect(lines[0]).toMatch(/^100 /);
    expect(lines.at(-1)).toContain('23');
  },
  'multi.mts': (lines) => expect(lines).toEqual([]),
  'resnet.mts': (lines) => {
    expect(lines[0]).toBe(
      '0.conv1.weight 0.bn1.weight 0.bn1.bias 0.bn1.running_mean 0.bn1.running_var 0.bn1.num_batches_tracked',
    );
    const [first, last] = losses(lines);
    expect(last).toBeLessThan(0.7 * first);
  },
  'rnn.mts': (lines) => {
    const [first, last] = losses(lines);
    expect(first).toBeGreaterThan(0.6); // ln 2
    expect(last).toBeLessThan(0.3);
  },
  'transformer.mts': (lines) => {
    const [first, last] = ['0', '29'].map((step) =>
      Number(lines.find((line) => line.startsWith(`${step} `))!.split(' ')[1]),
    );
    expect(last!).toBeLessThan(0.7 * first!);
  },
  'vit.mts': (lines) => {
    const [first, last] = losses(lines);
    expect(last).toBeLessThan(0.6 * first);
    expect(Number(/accuracy (\d+) %/.exec(lines.at(-1)!)![1])).toBeGreaterThan(90);
  },
};

test('every program has something to be looked for', () => {
  expect(names.sort()).toEqual(Object.keys(SEEN).sort());
});

test.each(names)('%s', async (name) => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((...words) => void lines.push(words.map(String).join(' ')));
  torch.manualSeed(1);
  await import(new URL(name, folder).href);
  spy.mockRestore();
  SEEN[name]!(lines);
});
