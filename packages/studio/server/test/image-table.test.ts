/** @file Changes come in portions, so that no answer keeps the server busy; together they are all of them, whatever changes meanwhile. */
import { expect, test } from 'vitest';
import type { ImageChanges } from '../src/api.js';
import { ImageTable } from '../src/project/image-table.js';

const COUNT = 12_000;

function portions(table: ImageTable, since: number, between = () => {}): ImageChanges[] {
  const list: ImageChanges[] = [];
  for (let from: number | null = 0; from !== null; from = list.at(-1)!.next) {
    list.push(JSON.parse(table.changes(since, from)));
    between();
  }
  return list;
}

test('of many changes each portion holds some, and together they hold each once', () => {
  const table = new ImageTable(Array(COUNT).fill(0), 100);
  const odd = Array.from({ length: COUNT / 2 }, (_, i) => 2 * i + 1);
  for (const image of odd) table.predicted[image] = image % 10;
  table.touch(odd);
  const list = portions(table, 100);
  expect(list.map(({ ids }) => ids.length)).toEqual([5000, 1000]);
  expect(list.flatMap(({ ids }) => ids)).toEqual(odd);
  expect(list.flatMap(({ predicted }) => predicted)).toEqual(odd.map((image) => image % 10));
  expect(portions(table, table.revision).map(({ ids }) => ids)).toEqual([[]]);
  expect(portions(table, 7).flatMap(({ ids }) => ids)).toHaveLength(COUNT); // of another server
});

test('what changes between two portions is among the next changes', () => {
  const table = new ImageTable(Array(COUNT).fill(0), 100);
  table.touch(Array.from({ length: COUNT }, (_, i) => i));
  let changed = 0;
  const list = portions(table, 100, () => {
    table.setLabel(3, ++changed);
    table.touch([3]);
  });
  expect(list.length).toBe(3);
  const [next] = portions(table, list[0]!.revision);
  expect([next!.ids, next!.label]).toEqual([[3], [changed]]);
});
