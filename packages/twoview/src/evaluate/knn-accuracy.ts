/** @file How often the nearest labelled images name an image rightly: weighted kNN, where there are labels on both sides. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { knnVotes, REPORTED } from './knn.js';

export interface Side {
  /** [N] int64; -1 where the class is not known. */
  labels: Tensor;
  /** Asked only where there are labels on both sides. @returns [N, d] representations, which are freed after */
  features: () => Promise<Tensor>;
}

export interface KnnAmong {
  k: number;
  /** Labelled images that may vote. */
  bank: number;
  /** Labelled images that are asked about. */
  queries: number;
}

export interface KnnAccuracy extends KnnAmong {
  accuracy: number;
  /** At the settings of `REPORTED`, but those that ask for more neighbours than there are. */
  others: { k: number; temperature: number; accuracy: number }[];
}

/** @param options `k` is taken lower where fewer images are labelled @returns null where either side has no label */
export async function knnAccuracy(
  bank: Side,
  queries: Side,
  options: { k: number; knnTemperature: number; numClasses: number },
): Promise<KnnAccuracy | null> {
  const count = ({ labels }: Side) => torch.scope(() => labels.ge(0).sum().item());
  const [voters, asked] = [count(bank), count(queries)];
  const { knnTemperature, numClasses } = options;
  if (numClasses === 0 || voters === 0 || asked === 0) return null;
  const k = Math.min(options.k, voters);
  using known = await bank.features();
  using seen = await queries.features();
  const settings = [{ k, temperature: knnTemperature, weighted: true }, ...REPORTED.filter((one) => one.k <= voters)];
  const [accuracy, ...others] = torch.scope(() => {
    const on = ({ labels }: Side) => labels.to(known.device);
    return knnVotes(known, on(bank), seen, settings, { numClasses }).map(
      (votes) => votes.argmax({ dim: 1 }).eq(on(queries)).sum().item() / asked,
    );
  });
  return {
    ...{ accuracy: accuracy!, k, bank: voters, queries: asked },
    others: others.map((one, i) => ({
      k: settings[i + 1]!.k,
      temperature: settings[i + 1]!.temperature,
      accuracy: one,
    })),
  };
}
