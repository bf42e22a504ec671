/** @file A training step of one transformer block (width 384, 6 heads, 256 tokens, batch 8, float32), here and in Python torch. */
import * as torch from '../packages/torch/dist/src/index.js';
import { peer } from './lib/peer.mjs';
import { inTurns, seconds } from './lib/statistics.mjs';

const THREADS = 2;
const SIZES = { width: 384, heads: 6, tokens: 256, batch: 8 };

export async function* measure({ quick }) {
  await torch.load({ threads: THREADS });
  const python = await peer('transformer', { threads: THREADS, ...SIZES });
  const { width, heads, tokens, batch } = SIZES;
  const options = { dimFeedforward: 4 * width, dropout: 0, activation: 'gelu', batchFirst: true, normFirst: true };
  const block = new torch.nn.TransformerEncoderLayer(width, heads, options);
  const optimizer = new torch.optim.AdamW(block.parameters(), { lr: 1e-3 });
  const x = torch.randn([batch, tokens, width]);
  const y = torch.randn([batch, tokens, width]);
  const step = () =>
    torch.scope(() => {
      const loss = block.forward(x).sub(y).square().mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
  const steps = quick ? 2 : 5;
  const ours = () =>
    seconds(() => {
      for (let i = 0; i < steps; i++) step();
    });
  const found = await inTurns(quick ? 3 : 15, ours, () => python.ask({ steps }));
  python.end();
  yield {
    name: `transformer block, width ${width}, ${heads} heads, ${tokens} tokens, batch ${batch}: train step / Python torch`,
    target: { most: 1.05, unit: 'x' },
    value: found.ratio,
    detail: `${((1000 * found.ours) / steps).toFixed(0)} ms, Python ${((1000 * found.theirs) / steps).toFixed(0)} ms`,
    samples: found.pairs,
  };
}
