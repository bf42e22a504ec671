/** @file A UMAP that settles: what is near stays near, images beside the landmarks stand among their own, and maps come while it goes on. */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { principalMap } from '../src/evaluate/principal-map.js';
import { type SettlingMap, settlingUmap } from '../src/index.js';

const GROUPS = 3;
const EACH = 40;
let h: torch.Tensor;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  const centres = torch.ops.repeatInterleave(torch.eye(GROUPS), EACH, { dim: 0 });
  h = centres.add(torch.randn([GROUPS * EACH, GROUPS], { generator: new torch.Generator(4) }).mul(0.05));
});

async function maps(options: object): Promise<SettlingMap[]> {
  const list: SettlingMap[] = [];
  for await (const map of settlingUmap(h, options)) list.push(map);
  return list;
}
const settled = async (options: object) => (await maps(options)).at(-1)!.points;

/** How many of the images have most of their five nearest on the map in their own group. */
function atHome(points: Float32Array): number {
  const group = (i: number) => Math.floor(i / EACH);
  const all = Array.from({ length: points.length / 2 }, (_, i) => i);
  const far = (a: number, b: number) =>
    Math.hypot(points[2 * a]! - points[2 * b]!, points[2 * a + 1]! - points[2 * b + 1]!);
  return all.filter((i) => {
    const near = all.filter((j) => j !== i).sort((a, b) => far(i, a) - far(i, b));
    return near.slice(0, 5).filter((j) => group(j) === group(i)).length >= 3;
  }).length;
}

test('groups stay together, with all images laid out and with a sample of them', async () => {
  for (const landmarks of [1000, 60]) {
    const points = await settled({ landmarks });
    expect(points).toHaveLength(2 * GROUPS * EACH);
    expect(atHome(points)).toBeGreaterThanOrEqual(GROUPS * EACH - 2);
  }
});

test('maps come while it settles, the last one is of the last epoch, and a seed draws one map', async () => {
  const list = await maps({ every: 0 });
  const { epochs } = list[0]!;
  expect(list.map(({ epoch }) => epoch)).toEqual(Array.from({ length: epochs }, (_, i) => i + 1));
  expect(await settled({ seed: 1 })).toEqual(await settled({ seed: 1 }));
  expect(await settled({ seed: 2 })).not.toEqual(await settled({ seed: 1 }));
});

test('it can be left at any map, and a handful of images has none', async () => {
  const before = torch.liveTensors();
  for await (const { epoch } of settlingUmap(h, { every: 0 })) if (epoch === 3) break;
  expect(torch.liveTensors()).toBe(before);
  using few = h.narrow(0, 0, 10);
  for await (const map of settlingUmap(few)) expect(map).toBeUndefined();
});

test('principal components of points along two axes are those axes, the longer one first, with the sign of their largest weight', () => {
  const along = [3, -3, 1, -1].flatMap((x) => [0.5, -0.5].map((y) => [5, 7 + y, -2 - x]));
  using points = torch.tensor(along);
  const map = principalMap(points);
  along.forEach(([, y, x], i) => {
    expect(map[2 * i]).toBeCloseTo(x! + 2, 5);
    expect(map[2 * i + 1]).toBeCloseTo(y! - 7, 5);
  });
});
