/** @file kNN of 10,000 queries in a bank of 50,000, beside the bare matrix product of the two in the same blocks. */
import * as torch from '../packages/torch/dist/src/index.js';
import { knn } from '../packages/twoview/dist/src/evaluate/knn.js';
import { inTurns, seconds } from './lib/statistics.mjs';

const THREADS = 2;
const [BANK, QUERIES, SIZE, CLASSES, K] = [50_000, 10_000, 512, 10, 200];
/** Rows a product: the whole result would be 2 GB, whose first touch costs more than the arithmetic. */
const ROWS = 256;

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS });
  const queries = quick ? QUERIES / 5 : QUERIES;
  const bank = torch.randn([BANK, SIZE]);
  const labels = torch.randint(0, CLASSES, [BANK]);
  const asked = torch.randn([queries, SIZE]);
  const transposed = bank.t().contiguous();
  const ours = () => {
    torch.scope(() => knn(bank, labels, asked, { k: K, temperature: 0.5, weighted: true, numClasses: CLASSES }));
  };
  const bare = () => {
    for (let from = 0; from < queries; from += ROWS) {
      torch.scope(() => asked.narrow(0, from, Math.min(ROWS, queries - from)).mm(transposed));
    }
  };
  const found = await inTurns(
    quick ? 3 : 7,
    () => seconds(ours),
    () => seconds(bare),
  );
  for (const tensor of [bank, labels, asked, transposed]) tensor.dispose();
  yield {
    name: `kNN, ${BANK} x ${queries}, d = ${SIZE}, k = ${K} / the bare matrix product in float32`,
    target: { most: 2, unit: 'x' },
    value: found.ratio,
    detail: `${found.ours.toFixed(2)} s, the product ${found.theirs.toFixed(2)} s`,
    samples: found.pairs,
  };
}
