/** @file Maps of a training's course: laid on each other as Procrustes does, and one for each epoch, whatever broke off. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunCourse } from '../src/api.js';
import { addToCourse, nearest } from '../src/children/course.js';
import { courseFile, readRunCourse } from '../src/runs/run-course.js';
import { temporaryFolder } from './photographs.js';

const root = temporaryFolder();
beforeAll(() => torch.load({ threads: 1 }));
afterAll(() => rmSync(root, { recursive: true }));

const SQUARE = [3, 0, 0, 2, -1, 0, 0, -4];
/** @param mirrored in the first axis, before the turn */
const moved = (angle: number, mirrored: boolean) =>
  Float32Array.from(SQUARE, (_, i) => {
    const [x, y] = [SQUARE[i - (i % 2)]! * (mirrored ? -1 : 1), SQUARE[i - (i % 2) + 1]!];
    return i % 2 === 0 ? Math.cos(angle) * x - Math.sin(angle) * y : Math.sin(angle) * x + Math.cos(angle) * y;
  });

test.each([0, 1, 2.5, -3])('a map turned by %d, mirrored or not, is laid back onto the one before', (angle) => {
  for (const mirrored of [false, true]) {
    const placed = nearest(moved(angle, mirrored), Float32Array.from(SQUARE));
    placed.forEach((value, i) => {
      expect(value).toBeCloseTo(SQUARE[i]!, 5);
    });
  }
});

test('of all turns and mirrors none is nearer', () => {
  const [map, target] = [Float32Array.of(1, 2, -3, 0.5, 2, -2), Float32Array.of(0.3, -1, 2, 2, -1, 0)];
  const distance = (placed: Float32Array) => placed.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0);
  const found = distance(nearest(map, target));
  for (let step = 0; step < 720; step++) {
    const [cos, sin] = [Math.cos((step * Math.PI) / 360), Math.sin((step * Math.PI) / 360)];
    for (const sign of [1, -1]) {
      const turned = map.map((value, i) =>
        i % 2 === 0 ? cos * value - sin * sign * map[i + 1]! : sin * map[i - 1]! + cos * sign * value,
      );
      expect(distance(turned)).toBeGreaterThan(found - 1e-6);
    }
  }
});

test('a run that goes on from an earlier epoch has no maps of the later ones that it had', async () => {
  const run = join(root, 'run');
  mkdirSync(run);
  expect(JSON.parse(await readRunCourse(run))).toEqual({ maps: [] });
  using values = torch.tensor(
    [...Array(60).keys()].map((i) => (i * i * 7) % 31),
    { dtype: 'float32' },
  );
  using features = values.reshape([12, 5]);
  const images = [...Array(12).keys()];
  const imageOf = Int32Array.from(images, (row) => 100 + row);
  for (const epoch of [0, 5, 10, 15, 10]) addToCourse(run, { epoch, images, features }, imageOf);
  const { maps }: RunCourse = JSON.parse(await readRunCourse(run));
  expect(maps.map(({ epoch }) => epoch)).toEqual([0, 5, 10]);
  expect(maps[2]!.images).toEqual([...imageOf]);
  // The same representations lie where they lay, but for rounding.
  maps[2]!.positions.forEach((value, i) => {
    expect(Math.abs(value - maps[0]!.positions[i]!)).toBeLessThanOrEqual(1);
  });
});

test('a long course is answered in at most some hundred maps, the last one among them', async () => {
  const run = join(root, 'long');
  mkdirSync(run);
  const line = (epoch: number) => JSON.stringify({ epoch, images: [], positions: [] });
  writeFileSync(courseFile(run), Array.from({ length: 1000 }, (_, epoch) => `${line(epoch)}\n`).join(''));
  const { maps }: RunCourse = JSON.parse(await readRunCourse(run));
  expect(maps.length).toBeLessThanOrEqual(201);
  expect(maps.at(-1)!.epoch).toBe(999);
});
