/**
 * @file The course of a pre-training as maps: its principal components after each measured epoch, each map turned and mirrored so that it
 * lies as near as it can to the one before.
 */
import { existsSync, readFileSync } from 'node:fs';
import { atomicWrite, writeAll } from '@twoview/torch';
import { principalMap, type RepresentationsReport } from 'twoview';
import type { RunCourse } from '../api.js';
import { courseFile } from '../runs/run-course.js';

type CourseMap = RunCourse['maps'][number];

const UNIT = 1000;

/**
 * Adds a map to those of a run. Maps of later epochs go: the run goes on from a checkpoint before them.
 *
 * @param imageOf the image of each row of the training part
 */
export function addToCourse(
  run: string,
  { epoch, images, features }: RepresentationsReport,
  imageOf: Int32Array,
): void {
  const before = readMaps(run).filter((map) => map.epoch < epoch);
  const map = ofUnitSize(principalMap(features));
  const last = before.at(-1);
  const placed = last === undefined ? map : nearest(map, Float32Array.from(last.positions));
  const one: CourseMap = {
    epoch,
    images: images.map((row) => imageOf[row]!),
    positions: [...placed].map((x) => Math.round(UNIT * x)),
  };
  const lines = [...before, one].map((each) => `${JSON.stringify(each)}\n`);
  atomicWrite(courseFile(run), (file) => writeAll(file, Buffer.from(lines.join(''))));
}

function readMaps(run: string): CourseMap[] {
  if (!existsSync(courseFile(run))) return [];
  const lines = readFileSync(courseFile(run), 'utf8').split('\n');
  return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as CourseMap]));
}

/** @param map [2N] @returns the same around 0 with a root mean square distance of one */
function ofUnitSize(map: Float32Array): Float32Array {
  const n = map.length / 2;
  const mean = [0, 0];
  map.forEach((value, i) => {
    mean[i % 2]! += value / n;
  });
  const centred = map.map((value, i) => value - mean[i % 2]!);
  const size = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0) / n);
  return size === 0 ? centred : centred.map((value) => value / size);
}

/**
 * Turned, and mirrored where that is nearer: orthogonal Procrustes (Schönemann 1966), which in the plane has a closed form.
 *
 * @param map [2N] @param target [2N] of any size
 */
export function nearest(map: Float32Array, target: Float32Array): Float32Array {
  // Sums of products: along and across for a turn, the same of the mirrored map for a turn after mirroring.
  let [along, across, mirroredAlong, mirroredAcross] = [0, 0, 0, 0];
  for (let i = 0; i < map.length; i += 2) {
    const [x, y, u, v] = [map[i]!, map[i + 1]!, target[i]!, target[i + 1]!];
    along += x * u + y * v;
    across += x * v - y * u;
    mirroredAlong += x * u - y * v;
    mirroredAcross += x * v + y * u;
  }
  const mirror = Math.hypot(mirroredAlong, mirroredAcross) > Math.hypot(along, across);
  const angle = mirror ? Math.atan2(mirroredAcross, mirroredAlong) : Math.atan2(across, along);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const placed = new Float32Array(map.length);
  for (let i = 0; i < map.length; i += 2) {
    const [x, y] = [map[i]!, mirror ? -map[i + 1]! : map[i + 1]!];
    placed[i] = cos * x - sin * y;
    placed[i + 1] = sin * x + cos * y;
  }
  return placed;
}
