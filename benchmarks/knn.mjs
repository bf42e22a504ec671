/**
 * @file kNN of 10,000 queries in a bank of 50,000: with representations of ResNet-18 beside the bare matrix product of the two in the
 * same blocks, with those of ResNet-50 beside the predictions of leftthomas/SimCLR and of lightly.
 */
import * as torch from '../packages/torch/dist/src/index.js';
import { knn } from '../packages/twoview/dist/src/evaluate/knn.js';
import { peer } from './lib/peer.mjs';
import { peersPython } from './lib/python.mjs';
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
  for (const style of ['leftthomas', 'lightly']) yield await beside(style, quick);
}

async function beside(style, quick) {
  await peersPython();
  const size = 2048;
  const queries = quick ? QUERIES / 10 : QUERIES;
  const shared = { threads: THREADS, bank: BANK, queries, size, k: K, classes: CLASSES };
  const theirs = await peer('knn', { ...shared, style });
  const bank = torch.scope(() => torch.normalize(torch.randn([BANK, size]).relu_(), { dim: 1 }));
  const asked = torch.scope(() => torch.normalize(torch.randn([queries, size]).relu_(), { dim: 1 }));
  const labels = torch.randint(0, CLASSES, [BANK]);
  const ours = () =>
    seconds(() =>
      torch.scope(() => knn(bank, labels, asked, { k: K, temperature: 0.5, weighted: true, numClasses: CLASSES })),
    );
  const found = await inTurns(quick ? 1 : 3, ours, () => theirs.ask());
  theirs.end();
  for (const tensor of [bank, labels, asked]) tensor.dispose();
  return {
    name: `kNN, ${BANK} x ${queries}, d = ${size}, k = ${K} / ${style}'s`,
    target: { most: 0.55, unit: 'x' },
    value: found.ratio,
    detail: `${found.ours.toFixed(2)} s, theirs ${found.theirs.toFixed(2)} s`,
    samples: found.pairs,
  };
}
