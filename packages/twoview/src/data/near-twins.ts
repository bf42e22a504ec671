/**
 * @file Images that show the same picture: cut by up to a tenth, compressed again, lighter or darker, mirrored. In three steps, each
 * on what the one before has left: the nearest by 4 x 4 colours with one side cut to its middle; 8 x 8 colours against five cuts; and
 * 16 x 16 colours against twenty-six. Colours are taken without their mean and by unit length, so light does not matter.
 * How well it finds planted twins, and what else was tried, is in docs/data.md.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { endIfAsked } from '../runs/stops.js';

export interface NearTwin {
  /** Rows of the images; `first` < `second`. */
  first: number;
  second: number;
  /** Of their colours, from LEAST to 1. */
  similarity: number;
  mirrored: boolean;
}

const SIDE = 32;
/** Side of a cut: a tenth less. */
const CUT = 0.9 * SIDE;
/** Queries at once: the products of all would be gigabytes. */
const TOGETHER = 256;
/** Keys are first looked at in groups of this many, the best of which are looked at one by one. */
const GROUP = 16;
const GROUPS = 24;
const NEAREST = 24;
/** Pairs below these are left out after the first and the second step; see docs/data.md. */
const ROUGHLY = 0.7;
const CLOSER = 0.82;
/** Twins; all planted ones but one in a hundred lie above 0.97, pairs of different pictures below 0.945. */
const LEAST = 0.955;
/** Deviation of colours, in levels, below which a picture counts as that flat: noise must not look alike. */
const FLAT = 3;
/** What colours count more in the first step, which has few cells to tell pictures apart by. */
const CHROMA = 2.5;
const PAIRS = 4096;
const FINE_PAIRS = 512;

/** Begin and side of a window along one axis, in pixels. */
type Cut = [start: number, side: number];
const WHOLE: Cut = [0, SIDE];
const MIDDLE: Cut = [(SIDE - CUT) / 2, CUT];
const COARSE: Cut[] = [0.2, 0.8].map((share) => [share * (SIDE - CUT), CUT]);
const FINE: Cut[] = [0, 0.25, 0.5, 0.75, 1].map((share) => [share * (SIDE - CUT), CUT]);

/** @param images [N, 3, S, S] uint8 each @returns pairs among all of them, in the order of `first`; rows go on from one tensor to the next */
export async function nearTwins(
  images: readonly Tensor[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<NearTwin[]> {
  using small = torch.scope(() => torch.cat(images.map(reduced))); //      [M, 3, 32, 32] uint8
  const count = small.shape[0]!;
  using keys = inBlocks(small, (x) => coloursOf(x, 4, [MIDDLE], CHROMA).squeeze(1)); //         [M, 48]
  using queries = inBlocks(small, (x) => coloursOf(x, 4, [WHOLE], CHROMA).squeeze(1)); //       [M, 48]
  using mirrored = inBlocks(small, (x) => coloursOf(x.flip([3]), 4, [WHOLE], CHROMA).squeeze(1));
  const candidates = new Map<number, boolean>();
  for (let from = 0; from < count; from += TOGETHER) {
    for (const [asked, mirror] of [
      [queries, false],
      [mirrored, true],
    ] as const) {
      for (const [row, key] of nearestOf(asked, keys, from)) {
        const pair = row * count + key;
        if (row !== key) candidates.set(pair, candidates.has(pair) ? candidates.get(pair)! && mirror : mirror);
      }
    }
    onProgress?.(Math.min(count, from + TOGETHER), count);
    await new Promise(setImmediate);
    endIfAsked(signal);
  }
  const closer = await closerOf(small, [...candidates.keys()], signal);
  const twins = await twinsOf(small, closer, signal);
  const best = new Map<string, NearTwin>();
  for (const { pair, similarity, mirror } of twins) {
    const [row, key] = [Math.floor(pair / count), pair % count];
    const [first, second] = row < key ? [row, key] : [key, row];
    const known = best.get(`${first} ${second}`);
    if (known !== undefined && known.similarity >= similarity) continue;
    best.set(`${first} ${second}`, { first, second, similarity, mirrored: mirror });
  }
  return [...best.values()].sort((a, b) => a.first - b.first || a.second - b.second);
}

/** Larger images shrink by area, smaller ones grow. Brightness, and half of what colours differ from it: JPEG changes these most. */
function reduced(images: Tensor): Tensor {
  const side = images.shape[3]!;
  return inBlocks(images, (x) => {
    const small = side === SIDE ? x.to('float32') : gridsOf(x, SIDE, [[0, side]]).reshape([-1, 3, SIDE, SIDE]);
    const [red, green, blue] = torch.ops.unbind(small, 1) as [Tensor, Tensor, Tensor];
    const light = red.mul(0.299).add(green.mul(0.587)).add(blue.mul(0.114));
    const colours = [light, blue.sub(light).mul(0.28).add(128), red.sub(light).mul(0.36).add(128)];
    return torch.stack(colours, 1).round_().clamp_(0, 255).to('uint8');
  });
}

/**
 * Means over the cells of grids that are laid over windows, one for each pair of cuts along the two axes. All of them in two products
 * of large matrices.
 *
 * @returns [N, C^2, 3, size^2] float32
 */
function gridsOf(x: Tensor, size: number, cuts: readonly Cut[]): Tensor {
  const [count, , , whole] = x.shape as [number, number, number, number];
  const columns = cuts.length * size;
  const weights = torch.cat(
    cuts.map((cut) => torch.tensor(cellWeights(whole, cut, size)).reshape([whole, size])),
    1,
  ); //                                                                        [W, C size]
  const across = x.to('float32').reshape([-1, whole]).mm(weights); //          [N 3 H, C size]
  const turned = across.reshape([count, 3, whole, columns]).transpose(2, 3); // [N, 3, C size, H]
  const both = turned.reshape([-1, whole]).mm(weights); //                     [N 3 C size, C size]
  const apart = both.reshape([count, 3, cuts.length, size, cuts.length, size]);
  return apart.permute([0, 2, 4, 1, 5, 3]).reshape([count, cuts.length ** 2, 3, size * size]);
}

/** How much of each of `whole` pixels lies in each of `size` cells of a window, over the cell's width. */
function cellWeights(whole: number, [start, side]: Cut, size: number): number[] {
  const width = side / size;
  return Array.from({ length: whole * size }, (_, i) => {
    const [pixel, cell] = [Math.floor(i / size), i % size];
    const [from, to] = [start + cell * width, start + (cell + 1) * width];
    return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from)) / width;
  });
}

function inBlocks(images: Tensor, make: (x: Tensor) => Tensor): Tensor {
  const parts: Tensor[] = [];
  for (let from = 0; from < images.shape[0]!; from += PAIRS) {
    parts.push(torch.scope(() => make(images.narrow(0, from, Math.min(PAIRS, images.shape[0]! - from)))));
  }
  const whole = torch.cat(parts);
  for (const part of parts) part.dispose();
  return whole;
}

/** [N, windows, 3 * size^2]: colours of grids over windows, without the mean of each channel, of unit length. */
function coloursOf(x: Tensor, size: number, cuts: readonly Cut[], chroma = 1): Tensor {
  const grids = gridsOf(x, size, cuts).mul(torch.tensor([1, chroma, chroma]).reshape([3, 1]));
  const centred = grids.sub(grids.mean([3], true)).flatten(2);
  return centred.div(centred.norm(2, [2], true).clampMin(FLAT * Math.sqrt(3 * size * size)));
}

/**
 * The largest similarity over windows. Queries have no mean, so that of the windows need not be taken off them, only off their length.
 *
 * @param asked [P, Q, d] of unit length @param grids [P, W, 3, n] as they are @returns [P, Q]
 */
function similarityTo(asked: Tensor, grids: Tensor): Tensor {
  const cells = grids.shape[3]!;
  const flat = grids.flatten(2); //                                             [P, W, d]
  const length = flat
    .mul(flat)
    .sum([2])
    .sub(grids.sum([3]).pow(2).sum([2]).div(cells))
    .clampMin(FLAT ** 2 * 3 * cells)
    .sqrt(); //                                                                 [P, W]
  return flat.bmm(asked.transpose(1, 2)).div(length.unsqueeze(2)).amax([1]);
}

/** Rows of queries from `from` on with the rows of the keys that are nearest to them. */
function nearestOf(queries: Tensor, keys: Tensor, from: number): [row: number, key: number][] {
  return torch.scope(() => {
    const rows = Math.min(TOGETHER, queries.shape[0]! - from);
    const count = keys.shape[0]!;
    const products = queries.narrow(0, from, rows).mm(keys.t()); //                  [R, M]
    const k = Math.min(NEAREST, count);
    let similarity: Tensor;
    let index: Tensor;
    if (count <= 4 * GROUP * GROUPS) [similarity, index] = products.topk(k, { dim: 1 });
    else {
      // The best groups hold the best keys: a fraction of the work of choosing among all. A group's keys lie far apart, so that the
      // largest of all groups are found by vectors.
      const whole = count - (count % GROUP);
      const apart = whole / GROUP;
      const groups = products.narrow(1, 0, whole).unflatten(1, [GROUP, apart]).amax([1]); //     [R, M / 16]
      const best = groups.topk(GROUPS, { dim: 1, sorted: false })[1];
      const steps = torch.arange(GROUP, { dtype: 'int64' }).mul(apart);
      const inside = best.unsqueeze(2).add(steps).flatten(1);
      const rest = torch.arange(whole, count, { dtype: 'int64' }).unsqueeze(0).expand([rows, -1]);
      const all = torch.cat([inside, rest], 1);
      const [found, at] = products.gather(1, all).topk(k, { dim: 1 });
      [similarity, index] = [found, all.gather(1, at)];
    }
    const flat = index.flatten().tolist() as number[];
    const near = similarity.flatten().tolist() as number[];
    return flat.flatMap((key, i): [number, number][] => (near[i]! >= ROUGHLY ? [[from + Math.floor(i / k), key]] : []));
  });
}

interface Scored {
  pair: number;
  similarity: number;
  mirror: boolean;
}

const rowsTensor = (rows: readonly number[]) => torch.tensor([...rows], { dtype: 'int64' });

/** Pairs whose first image, or its mirror image, is like one of some windows of the second, by colours that are made once an image. */
async function closerOf(small: Tensor, pairs: readonly number[], signal: AbortSignal | undefined): Promise<number[]> {
  const count = small.shape[0]!;
  const left: number[] = [];
  using windows = inBlocks(small, (x) => coloursOf(x, 8, COARSE)); //                              [M, 4, 192]
  using plain = inBlocks(small, (x) => coloursOf(x, 8, [WHOLE])); //                               [M, 1, 192]
  using mirrored = inBlocks(small, (x) => coloursOf(x.flip([3]), 8, [WHOLE])); //                  [M, 1, 192]
  for (let from = 0; from < pairs.length; from += PAIRS) {
    const some = pairs.slice(from, from + PAIRS);
    const best = torch.scope(() => {
      const first = rowsTensor(some.map((pair) => Math.floor(pair / count)));
      const second = rowsTensor(some.map((pair) => pair % count));
      const asked = torch.cat([plain.indexSelect(0, first), mirrored.indexSelect(0, first)], 1); // [P, 2, 192]
      const keys = torch.cat([plain.indexSelect(0, second), windows.indexSelect(0, second)], 1); // [P, 5, 192]
      return keys.bmm(asked.transpose(1, 2)).amax([1, 2]).tolist() as number[];
    });
    some.forEach((pair, i) => {
      if (best[i]! >= CLOSER) left.push(pair);
    });
    await new Promise(setImmediate);
    endIfAsked(signal);
  }
  return left;
}

/** The same with more and finer windows, made for these pairs alone. */
async function twinsOf(small: Tensor, pairs: readonly number[], signal: AbortSignal | undefined): Promise<Scored[]> {
  const count = small.shape[0]!;
  const left: Scored[] = [];
  for (let from = 0; from < pairs.length; from += FINE_PAIRS) {
    const some = pairs.slice(from, from + FINE_PAIRS);
    torch.scope(() => {
      const take = (rows: number[]) => small.indexSelect(0, rowsTensor(rows));
      const first = take(some.map((pair) => Math.floor(pair / count)));
      const second = take(some.map((pair) => pair % count));
      const asked = torch.cat(
        [first, first.flip([3])].map((x) => coloursOf(x, 16, [WHOLE])),
        1,
      ); //   [P, 2, 768]
      const best = [[WHOLE], FINE]
        .map((cuts) => similarityTo(asked, gridsOf(second, 16, cuts)))
        .reduce((a, b) => a.maximum(b))
        .flatten()
        .tolist() as number[]; //                                                                      [P, 2]
      some.forEach((pair, i) => {
        const [plain, turned] = [best[2 * i]!, best[2 * i + 1]!];
        const similarity = Math.max(plain, turned);
        if (similarity >= LEAST) left.push({ pair, similarity: Math.min(1, similarity), mirror: turned > plain });
      });
    });
    await new Promise(setImmediate);
    endIfAsked(signal);
  }
  return left;
}
