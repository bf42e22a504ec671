/** @file Labels on their way: shown at once, sent in order, taken back when refused. */
import { expect, test } from 'vitest';
import type { LabelAnswer, LabelItem, LabelRequest } from '../src/api/types.js';
import { LabelQueue } from '../src/logic/label-queue.js';

const ANSWER: LabelAnswer = { revision: 1, classes: [], accuracy: null, canUndo: true, canRedo: false };

/** A queue over a plain map of labels, whose requests are answered by hand. */
function made() {
  const labels = new Map<number, number>();
  const open: { request: LabelRequest; yes: () => void; no: () => void }[] = [];
  const said: string[] = [];
  const queue = new LabelQueue({
    send: (request) =>
      new Promise((resolve, reject) => {
        open.push({ request, yes: () => resolve(ANSWER), no: () => reject(new Error('refused')) });
      }),
    labelOf: (image) => labels.get(image) ?? -1,
    show: (items) => {
      for (const { image, class: label } of items) labels.set(image, label ?? -1);
    },
    durable: () => said.push('durable'),
    refused: () => said.push('refused'),
    pending: (count) => said.push(`pending ${count}`),
  });
  const put = (items: LabelItem[]) => queue.put({ items, by: 'me', from: 'grid' });
  const tick = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { labels, open, said, queue, put, tick };
}

test('a label is shown before the server is asked, and durable only after its answer', async () => {
  const { labels, open, said, put, tick } = made();
  const done = put([{ image: 3, class: 2 }]);
  expect(labels.get(3)).toBe(2);
  await tick();
  expect(said).toEqual(['pending 1']);
  open[0]!.yes();
  await done;
  expect(said).toEqual(['pending 1', 'durable', 'pending 0']);
});

test('requests are sent one after the other, in the order of the keys', async () => {
  const { open, put, tick } = made();
  for (const image of [5, 1, 9]) void put([{ image, class: 0 }]);
  const sent: number[] = [];
  for (let i = 0; i < 3; i++) {
    await tick();
    expect(open.length).toBe(i + 1);
    sent.push(open[i]!.request.items[0]!.image);
    open[i]!.yes();
  }
  expect(sent).toEqual([5, 1, 9]);
});

test('a refused label goes back to what it was, and the next one is still sent', async () => {
  const { labels, open, said, put, tick } = made();
  labels.set(7, 4);
  void put([{ image: 7, class: 1 }]);
  const second = put([{ image: 8, class: 1 }]);
  await tick();
  open[0]!.no();
  await tick();
  expect(labels.get(7)).toBe(4);
  expect(said).toContain('refused');
  open[1]!.yes();
  await second;
  expect(labels.get(8)).toBe(1);
});

test('a refused label does not take back a newer label of the same image', async () => {
  const { labels, open, put, tick } = made();
  void put([{ image: 7, class: 1 }]);
  const newer = put([{ image: 7, class: 2 }]);
  await tick();
  open[0]!.no();
  await tick();
  expect(labels.get(7)).toBe(2);
  open[1]!.yes();
  await newer;
  expect(labels.get(7)).toBe(2);
});

test('labels ahead are the last ones of each image, until they are durable', async () => {
  const { open, queue, put, tick } = made();
  void put([{ image: 7, class: 1 }]);
  const last = put([{ image: 7, class: null }]);
  expect(queue.shownAhead()).toEqual([{ image: 7, class: null }]);
  await tick();
  open[0]!.yes();
  await tick();
  open[1]!.yes();
  await last;
  expect(queue.shownAhead()).toEqual([]);
});

test('undo waits for the labels before it', async () => {
  const { open, queue, put, tick } = made();
  void put([{ image: 1, class: 1 }]);
  let undone = false;
  const undo = queue.after(async () => {
    undone = true;
  });
  await tick();
  expect(undone).toBe(false);
  open[0]!.yes();
  await undo;
  expect(undone).toBe(true);
});
