/** @file A small GPT on characters, after karpathy/nanoGPT: it learns a text by heart and goes on with it. */
import * as torch from '@twoview/torch';

const { nn } = torch;
type Tensor = torch.Tensor;
await torch.load();
torch.manualSeed(0);

const TEXT = 'to be, or not to be, that is the question: '.repeat(4);
const CHARACTERS = [...new Set(TEXT)].sort();
const [CONTEXT, WIDTH, HEADS, LAYERS] = [24, 48, 4, 2];

class Block extends nn.Module {
  ln1 = this.child('ln_1', new nn.LayerNorm(WIDTH));
  attention = this.child('attn', new nn.Linear(WIDTH, 3 * WIDTH));
  projection = this.child('proj', new nn.Linear(WIDTH, WIDTH));
  ln2 = this.child('ln_2', new nn.LayerNorm(WIDTH));
  mlp = this.child(
    'mlp',
    new nn.Sequential([new nn.Linear(WIDTH, 4 * WIDTH), new nn.GELU(), new nn.Linear(4 * WIDTH, WIDTH)]),
  );

  forward(x: Tensor): Tensor {
    const [b, t] = x.shape as [number, number];
    const [q, k, v] = this.attention
      .forward(this.ln1.forward(x)) // [b, t, 3 * width]
      .view(b, t, 3, HEADS, WIDTH / HEADS)
      .permute(2, 0, 3, 1, 4) // [3, b, heads, t, width / heads]
      .unbind(0) as [Tensor, Tensor, Tensor];
    const mixed = torch.scaledDotProductAttention(q, k, v, null, 0, true).transpose(1, 2).reshape(b, t, WIDTH);
    const y = x.add(this.projection.forward(mixed));
    return y.add(this.mlp.forward(this.ln2.forward(y)));
  }
}

class GPT extends nn.Module {
  tokens = this.child('wte', new nn.Embedding(CHARACTERS.length, WIDTH));
  places = this.child('wpe', new nn.Embedding(CONTEXT, WIDTH));
  blocks = this.child('h', new nn.ModuleList(Array.from({ length: LAYERS }, () => new Block())));
  norm = this.child('ln_f', new nn.LayerNorm(WIDTH));
  head = this.child('lm_head', new nn.Linear(WIDTH, CHARACTERS.length, { bias: false }));

  /** [b, t] -> logits [b, t, characters] */
  forward(ids: Tensor): Tensor {
    let x = this.tokens.forward(ids).add(this.places.forward(torch.arange(ids.size(1))));
    for (const block of this.blocks) x = block.forward(x);
    return this.head.forward(this.norm.forward(x));
  }
}

const ids = torch.tensor(
  [...TEXT].map((character) => CHARACTERS.indexOf(character)),
  { dtype: 'int64' },
);
const net = new GPT();
const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 3e-3 });
const STEPS = 120;
const schedule = new torch.optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 5e-3, totalSteps: STEPS + 2 });
for (let step = 0; step <= STEPS; step++) {
  const loss = torch.scope(() => {
    const starts = torch.randint(0, ids.size(0) - CONTEXT - 1, [16, 1]);
    const batch = ids.index(starts.add(torch.arange(CONTEXT + 1))); // [16, context + 1]
    const logits = net.forward(batch.index(':', ':-1'));
    const error = torch.crossEntropy(logits.flatten(0, 1), batch.index(':', '1:').flatten());
    optimizer.zeroGrad();
    error.backward();
    torch.nn.clipGradNorm_(net.parameters(), 1);
    optimizer.step();
    return error.item();
  });
  schedule.step();
  if (step % 60 === 0) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
}

net.eval();
let text = 'to be, or';
for (let i = 0; i < 30; i++) {
  text += torch.scope(() =>
    torch.noGrad(() => {
      const seen = [...text].slice(-CONTEXT).map((character) => CHARACTERS.indexOf(character));
      const logits = net.forward(torch.tensor([seen], { dtype: 'int64' }));
      return CHARACTERS[logits.index(0, -1).argmax().item()]!;
    }),
  );
}
console.log(text);
