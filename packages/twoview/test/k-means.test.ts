/** @file k-means and how it begins, against distances in plain loops. */
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { farApart, kMeans, nearestOf } from '../src/select/k-means.js';
import { drawn, indices, squared } from './points.js';
import { rowsOf } from './rows.js';

beforeAll(() => torch.load({ threads: 1 }));

describe('k-means', () => {
  test('the nearest centre of every point, in blocks', () => {
    torch.scope(() => {
      const points = torch.normalize(drawn(3000, 4), { dim: 1 });
      const centres = drawn(4000, 4, 9); // 16 MiB of distances hold 1048 rows of them
      const cells = nearestOf(points, centres);
      const [x, c] = [rowsOf(points), rowsOf(centres)];
      const [cell, distance] = [cells.cell.tolist() as number[], cells.distance.tolist() as number[]];
      for (let i = 0; i < x.length; i += 13) {
        const least = c.reduce((best, centre) => Math.min(best, squared(x[i]!, centre)), Number.POSITIVE_INFINITY);
        expect(Math.abs(squared(x[i]!, c[cell[i]!]!) - least)).toBeLessThan(1e-5);
        expect(Math.abs(distance[i]! - least)).toBeLessThan(1e-5);
      }
    });
  });

  test('ends where every point is nearest to the mean of its own cluster, and fixed centres have not moved', async () => {
    using points = torch.scope(() => torch.normalize(drawn(200, 5), { dim: 1 }));
    const fixed = [7, 8];
    using cells = await kMeans(points, 9, { seed: 1, fixed });
    const [x, cell] = [rowsOf(points), cells.cell.tolist() as number[]];
    const centres = indices(9).map((at) => {
      const mine = x.filter((_, i) => cell[i] === at);
      return at < 2
        ? x[fixed[at]!]!
        : mine[0]!.map((_, j) => mine.reduce((sum, row) => sum + row[j]!, 0) / mine.length);
    });
    for (const [i, row] of x.entries()) {
      const own = squared(row, centres[cell[i]!]!);
      expect(own).toBeLessThan(Math.min(...centres.map((centre) => squared(row, centre))) + 1e-6);
    }
  });

  test('begins with points that are far apart: each of eight lonely groups gets a centre', async () => {
    using points = torch.scope(() => torch.eye(8).repeat([20, 1])); // 160 points at 8 places
    for (const seed of [0, 1, 2, 3, 4]) {
      const first = await farApart(points, 8, { seed, fixed: [3] });
      expect(first[0]).toBe(3);
      expect(new Set(first.map((index) => index % 8)).size).toBe(8);
      using cells = await kMeans(points, 8, { seed });
      expect(new Set(cells.cell.tolist()).size).toBe(8);
      expect(torch.scope(() => cells.distance.max().item())).toBeLessThan(1e-6);
    }
  });

  test('draws the next point in proportion to its squared distance', async () => {
    using points = torch.tensor([1, 0, 0.6, 0.8, -1, 0]).reshape([3, 2]); // 0.8 and 4 from the first one
    let near = 0;
    for (let seed = 0; seed < 1000; seed++) if ((await farApart(points, 2, { seed, fixed: [0] }))[1] === 1) near++;
    expect(Math.abs(near - 1000 * (0.8 / 4.8))).toBeLessThan(5 * Math.sqrt(1000 * (0.8 / 4.8) * (4 / 4.8))); // five standard deviations
  });
});
