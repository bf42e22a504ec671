/** @file The child that holds the representations of all images, and answers what is nearest, the map, and votes. */
import * as torch from '@twoview/torch';
import { knnVotes } from 'twoview';
import { type Maths, notYet } from '../maths.js';
import { Refusal } from '../refusal.js';
import { principalMap } from './principal-map.js';
import { serve } from './serve.js';

interface Loaded {
  /** [N, d] float32 of unit length. */
  unit: torch.Tensor;
  /** [N, d] as the encoder made them. */
  raw: torch.Tensor;
  ids: Int32Array;
  rowOf: Map<number, number>;
}

let loaded: Loaded | null = null;

function vectors(): Loaded {
  if (loaded === null) throw new Refusal('NO_ENCODER', 'there are no representations yet', 'start with --weights RUN');
  return loaded;
}

/** Neighbours that vote: Wu et al. 2018 take 200 of a large bank; few labels have few neighbours. */
const VOTERS = 20;
const VOTE_TEMPERATURE = 0.1;

const functions = {
  /** @param files safetensors as `embed` writes them, one after the other; `ids` the image of each of their rows */
  load: async ({
    files,
    ids,
  }: {
    files: string[];
    ids: Int32Array;
  }): Promise<{ count: number; featureSize: number }> => {
    await torch.load({ flushDenormal: true });
    const raw = torch.scope(() =>
      torch.cat(files.map((file) => torch.safetensors.load(file).tensors.features!.to('float32'))),
    );
    const unit = torch.scope(() => torch.normalize(raw, { dim: 1 }));
    const rowOf = new Map(Array.from(ids, (id, row) => [id, row]));
    loaded = { unit, raw, ids, rowOf };
    return { count: raw.shape[0]!, featureSize: raw.shape[1]! };
  },

  similar: ({ image, count }: Parameters<Maths['similar']>[0]): ReturnType<Maths['similar']> => {
    const { unit, ids, rowOf } = vectors();
    const row = rowOf.get(image);
    if (row === undefined)
      throw new Refusal('NOT_FOUND', `image ${image} has no representation: it could not be decoded`);
    return torch.scope(() => {
      const products = unit.mv(unit.select(0, row)); //                      [N]
      const [values, rows] = products.topk(Math.min(count + 1, ids.length), { dim: 0 });
      const similarities = values.tolist() as number[];
      const found = (rows.tolist() as number[]).map((at, i) => ({ at, similarity: similarities[i]! }));
      const others = found.filter(({ at }) => at !== row).slice(0, count);
      return { ids: others.map(({ at }) => ids[at]!), similarities: others.map(({ similarity }) => similarity) };
    });
  },

  map: ({ method, count }: Parameters<Maths['map']>[0]): ReturnType<Maths['map']> => {
    const { raw, ids } = vectors();
    if (method === 'umap') notYet('a UMAP of all images');
    const points = principalMap(raw);
    const map = new Float32Array(2 * count).fill(Number.NaN);
    ids.forEach((id, row) => {
      map.set(points.subarray(2 * row, 2 * row + 2), 2 * id);
    });
    return map;
  },

  vote: ({ images, labels }: Parameters<Maths['vote']>[0]): ReturnType<Maths['vote']> => {
    const { unit, ids, rowOf } = vectors();
    const known = Array.from(images, (image, i) => ({ row: rowOf.get(image), label: labels[i]! })).filter(
      (one): one is { row: number; label: number } => one.row !== undefined,
    );
    if (known.length === 0) return { ids: new Int32Array(0), classes: new Int32Array(0), shares: new Float32Array(0) };
    return torch.scope(() => {
      const numClasses = Math.max(...known.map(({ label }) => label)) + 1;
      const rows = torch.tensor(
        known.map(({ row }) => row),
        { dtype: 'int64' },
      );
      const classes = torch.tensor(
        known.map(({ label }) => label),
        { dtype: 'int64' },
      );
      const k = Math.min(VOTERS, known.length);
      const votes = knnVotes(unit.indexSelect(0, rows), classes, unit, {
        ...{ k, temperature: VOTE_TEMPERATURE, weighted: true, numClasses },
      });
      const [most, which] = votes.div(votes.sum([1], true)).max(1);
      const predicted = Int32Array.from(which.tolist() as number[]);
      return { ids, classes: predicted, shares: Float32Array.from(most.tolist() as number[]) };
    });
  },

  choose: ({ method }: Parameters<Maths['choose']>[0]): ReturnType<Maths['choose']> => notYet(`choosing by ${method}`),
  clusters: (_: Parameters<Maths['clusters']>[0]): ReturnType<Maths['clusters']> =>
    notYet('clusters with a proposed class'),
};

export type VectorsChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};

serve(functions);
