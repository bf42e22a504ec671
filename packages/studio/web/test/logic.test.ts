/** @file The page's small rules, each against a definition of its own. */
import { describe, expect, test } from 'vitest';
import { FLAGS } from '../src/api/types.js';
import { classKeys } from '../src/logic/class-keys.js';
import { courseAt, epochWords, hasCourse } from '../src/logic/course.js';
import { curveScale } from '../src/logic/curve.js';
import { describe as words } from '../src/logic/describe.js';
import { drawingOrder, inOrder, nextCount } from '../src/logic/drawn-points.js';
import { ALL, ANY_LABEL, type Columns, DIFFERS, type Filter, filtered, NO_LABEL } from '../src/logic/filter.js';
import { count, counted, duration, nameAndFolder, percent } from '../src/logic/format.js';
import { moved } from '../src/logic/grid-move.js';
import { insideLasso } from '../src/logic/lasso.js';
import { fitted, nearestPoint, pointColours } from '../src/logic/map-look.js';
import { colourOf, NO_CLASS } from '../src/logic/palette.js';
import { aligned } from '../src/logic/series.js';
import { halfWidth } from '../src/logic/wilson.js';
import { randomFrom } from './fake-pictures.js';
import { fakeRun } from './fake-runs.js';
import { wilson } from './fake-world.js';

/** Six images: parts 0 0 1 2 2 0, and so on by column. */
const COLUMNS: Columns = {
  count: 6,
  part: Uint8Array.of(0, 0, 1, 2, 2, 0),
  label: Int32Array.of(-1, 3, 3, -1, 1, 0),
  predicted: Int32Array.of(3, 3, 1, -1, 1, 2),
  certainty: Float32Array.of(0.9, 0.5, 0.3, 0, 0.7, 0.95),
  cluster: Int32Array.of(0, 0, 1, 1, -1, 0),
  flags: Uint8Array.of(FLAGS.twin, 0, FLAGS.blurred | FLAGS.twin, FLAGS.ignored, FLAGS.exam, 0),
};

describe('filter', () => {
  test.each<[string, Partial<Filter>, number[]]>([
    ['all', {}, [0, 1, 2, 3, 4, 5]],
    ['a part', { part: 2 }, [3, 4]],
    ['a class', { label: 3 }, [1, 2]],
    ['no label', { label: NO_LABEL }, [0, 3]],
    ['any label', { label: ANY_LABEL }, [1, 2, 4, 5]],
    ['a prediction', { predicted: 1 }, [2, 4]],
    ['not as labelled', { predicted: DIFFERS }, [2, 5]],
    ['unsure, which an image without a prediction is not', { mostCertain: 0.6 }, [1, 2]],
    ['twins', { flag: 'twin' }, [0, 2]],
    ['a cluster of a part', { cluster: 0, part: 0 }, [0, 1, 5]],
    ['the least certain first, no prediction last', { order: 'unsure' }, [2, 1, 4, 0, 5, 3]],
    ['by label, none last', { order: 'label' }, [5, 4, 1, 2, 0, 3]],
  ])('%s', (_, part, ids) => {
    expect([...filtered(COLUMNS, { ...ALL, ...part })]).toEqual(ids);
  });
});

test('a lasso holds the points whose ray crosses it an odd number of times: a star, against angles summed', () => {
  const random = randomFrom(5);
  const line = Array.from({ length: 10 }, (_, i) => {
    const [radius, angle] = [i % 2 === 0 ? 1 : 0.4, (i * Math.PI) / 5];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }).flat();
  const positions = Float32Array.from({ length: 2000 }, () => 2.4 * random() - 1.2);
  // The winding number: a star's line does not cross itself, so that it is 1 inside and 0 outside.
  const winding = (x: number, y: number) => {
    let sum = 0;
    for (let i = 0; i < 10; i++) {
      const a = Math.atan2(line[2 * i + 1]! - y, line[2 * i]! - x);
      const b = Math.atan2(line[(2 * i + 3) % 20]! - y, line[(2 * i + 2) % 20]! - x);
      sum += Math.atan2(Math.sin(b - a), Math.cos(b - a));
    }
    return Math.round(sum / (2 * Math.PI));
  };
  const expected = [...Array(1000).keys()].filter((p) => winding(positions[2 * p]!, positions[2 * p + 1]!) === 1);
  expect(expected.length).toBeGreaterThan(150);
  expect(insideLasso(positions, line)).toEqual(expected);
});
test('a lasso leaves out hidden points, and points that are nowhere', () => {
  const square = [0, 0, 2, 0, 2, 2, 0, 2];
  expect(insideLasso(Float32Array.of(1, 1, 1, 1, Number.NaN, Number.NaN), square, Uint8Array.of(1, 0, 1))).toEqual([0]);
  expect(insideLasso(Float32Array.of(1, 1), [0, 0, 2, 2])).toEqual([]);
});

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 1, 5],
  ['ArrowUp', 1, 1],
  ['ArrowDown', 7, 9],
  ['ArrowDown', 9, 9],
  ['PageDown', 0, 8],
  ['Home', 6, 0],
  ['End', 2, 9],
])('in ten images in rows of four, %s at %d leads to %d', (key, at, to) => {
  expect(moved(key, at, 10, 4, 2)).toBe(to);
});
test('other keys move nothing', () => {
  expect(moved('x', 0, 10, 4, 2)).toBeUndefined();
});

test('own keys come first, and 1 to 9 go to the first classes without one', () => {
  const known = (id: number, key: string | null) => ({ id, key, name: `c${id}`, count: 0 });
  const keys = classKeys([known(4, null), known(5, '1'), known(6, 'x'), known(7, null)]);
  expect([...keys].sort()).toEqual([
    ['1', 5],
    ['2', 4],
    ['3', 7],
    ['x', 6],
  ]);
});
test('the tenth class and those after it have letters, and the 26th none', () => {
  const keys = [...classKeys(Array.from({ length: 26 }, (_, id) => ({ id, key: null, name: '', count: 0 })))];
  expect(keys.length).toBe(25);
  expect(keys[9]).toEqual(['q', 9]);
});

test('the nearest point is the one of all distances, if it is near and shown', () => {
  const positions = Float32Array.of(0, 0, 1, 0, 5, 5);
  expect(nearestPoint(positions, Uint8Array.of(1, 1, 1), 0.8, 0, 1)).toBe(1);
  expect(nearestPoint(positions, Uint8Array.of(1, 0, 1), 0.8, 0, 1)).toBe(0);
  expect(nearestPoint(positions, Uint8Array.of(1, 1, 1), 3, 3, 1)).toBe(-1);
});
test('the map fits all points that are somewhere', () => {
  const { x, y, zoom } = fitted(Float32Array.of(-1, 0, 3, 2, Number.NaN, Number.NaN), 400, 400);
  expect([x, y]).toEqual([1, 1]);
  expect(2 ** zoom * 4).toBeCloseTo(0.92 * 400);
});
test('hidden points are clear, and those outside a selection pale', () => {
  const colours = pointColours(COLUMNS, 'label', Uint8Array.of(0, 1, 1, 1, 1, 1), new Set([1]));
  expect(colours[3]).toBe(0);
  expect([...colours.subarray(4, 7)]).toEqual([...colourOf(3)]);
  expect(colours[7]).toBe(255);
  expect(colours[11]).toBeLessThan(100);
});

test('while frames are slow fewer points are drawn, never so few that the map is gone, and all of them again when they are quick', () => {
  const after = (frames: number[], all: number) => frames.reduce((count, frame) => nextCount(count, all, frame), all);
  expect(after([16, 16, 17], 50_000)).toBe(50_000);
  expect(after([25, 25], 50_000)).toBe(50_000);
  expect(after([40], 50_000)).toBe(37_500);
  expect(after(Array(100).fill(90), 50_000)).toBe(5000);
  expect(after(Array(100).fill(90), 600)).toBe(600);
  expect(after([...Array(100).fill(90), ...Array(100).fill(16)], 50_000)).toBe(50_000);
});

test('points are drawn in an order that names each once and mixes sorted classes, the same every time', () => {
  const order = drawingOrder(10_000);
  expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
  expect(drawingOrder(10_000)).toEqual(order);
  // Of the first 2,000, each tenth of the images has about 200: within 5 standard deviations.
  const tenths = Array<number>(10).fill(0);
  for (const id of order.subarray(0, 2000)) tenths[Math.floor(id / 1000)]!++;
  expect(tenths.every((n) => Math.abs(n - 200) < 5 * Math.sqrt(200 * 0.9 * 0.8))).toBe(true);
  expect(inOrder(Float32Array.of(1, 2, 3, 4, 5, 6), 2, Uint32Array.of(2, 0, 1))).toEqual(
    Float32Array.of(5, 6, 1, 2, 3, 4),
  );
});

test('between two maps of a course an image is on its way from one to the other, and others are nowhere', () => {
  const course = {
    maps: [
      { epoch: 0, images: [2, 0], positions: [1000, 0, 0, 2000] },
      { epoch: 5, images: [2, 0], positions: [3000, 0, 0, -2000] },
    ],
  };
  expect(courseAt(course, 0, 3)).toEqual(Float32Array.of(0, 2, NaN, NaN, 1, 0));
  expect(courseAt(course, 0.25, 3)).toEqual(Float32Array.of(0, 1, NaN, NaN, 1.5, 0));
  expect(courseAt(course, 1, 3)).toEqual(Float32Array.of(0, -2, NaN, NaN, 3, 0));
  expect(courseAt({ maps: [] }, 0, 1)).toEqual(Float32Array.of(NaN, NaN));
  expect([0, 5].map(epochWords)).toEqual(['before the first epoch', 'after epoch 5']);
  const run = fakeRun('a', 'pretrain', 'running');
  expect(
    [run, { ...run, settings: { method: 'supervised' } }, fakeRun('b', 'compare', 'running')].map(hasCourse),
  ).toEqual([true, false, false]);
});

test('a hundred classes have a hundred colours, none of them that of no class', () => {
  const colours = new Set(Array.from({ length: 100 }, (_, i) => colourOf(i).join()));
  expect(colours.size).toBe(100);
  expect(colours.has(NO_CLASS.join())).toBe(false);
});

test('half of an interval is half of the interval that comes', () => {
  const [low, high] = wilson(180, 200);
  expect(halfWidth(0.9, 200)).toBeCloseTo((high - low) / 2, 10);
});

test('curves of several runs share one axis, with gaps', () => {
  expect(
    aligned([
      [
        [1, 5],
        [3, 4],
      ],
      [[2, 7]],
    ]),
  ).toEqual({
    x: [1, 2, 3],
    y: [
      [5, null, 4],
      [null, 7, null],
    ],
  });
});
test("the label curve's axis holds every point, in the order of labels", () => {
  const points = [10, 100, 1000].map((labels, i) => ({
    labels,
    accuracy: 0.6 + i / 10,
    interval: [0.5 + i / 10, 0.7 + i / 10] as const,
  }));
  const { x, y } = curveScale(points, 300, 100);
  expect(points.map((p) => Math.round(x(p.labels)))).toEqual([0, 150, 300]);
  for (const p of points)
    for (const value of p.interval) expect(y(value)).toSatisfy((at: number) => at >= 0 && at <= 100);
});

test('numbers, times and paths as text', () => {
  expect(['0', '999', '1000', '50000', '1234567'].map((n) => count(Number(n)))).toEqual([
    '0',
    '999',
    '1,000',
    '50,000',
    '1,234,567',
  ]);
  expect(counted(1, 'image')).toBe('1 image');
  expect(percent(0.8125)).toBe('81.3 %');
  expect([duration(42), duration(90), duration(4820)]).toEqual(['42 s', '1 min 30 s', '1 h 20 min']);
  expect(nameAndFolder('a/b/c.jpg')).toEqual({ name: 'c.jpg', folder: 'a/b' });
});

test('an image of the exam is described without a prediction', () => {
  const image = { label: -1, predicted: 2, certainty: 0.8, flags: 0 };
  expect(words(4, image, (id) => `class ${id}`)).toBe('image 4, no label, predicted class 2, 80 %');
  expect(words(4, { ...image, flags: FLAGS.exam }, (id) => `class ${id}`)).toBe('image 4, no label, exam');
});
