/** @file A Transformer block written by hand, as one would with PyTorch, trained on a few tokens. */
import * as torch from '@twoview/torch';

const { nn } = torch;
type Tensor = torch.Tensor;
await torch.load();
class LayerNorm extends nn.Module {
  weight: Tensor;
  bias: Tensor;
  dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
    this.weight = this.parameter('weight', torch.ones([dim]));
    this.bias = this.parameter('bias', torch.zeros([dim]));
  }
  forward(x: Tensor) {
    return torch.ops.layerNorm(x, [this.dim], this.weight, this.bias);
  }
}
class Embedding extends nn.Module {
  weight: Tensor;
  constructor(n: number, d: number) {
    super();
    this.weight = this.parameter('weight', torch.randn([n, d]));
  }
  forward(ids: Tensor) {
    return torch.ops.embedding(this.weight, ids);
  }
}
class Block extends nn.Module {
  ln1;
  ln2;
  qkv;
  proj;
  fc1;
  fc2;
  d: number;
  heads: number;
  constructor(d: number, heads: number) {
    super();
    this.d = d;
    this.heads = heads;
    this.ln1 = this.child('ln1', new LayerNorm(d));
    this.ln2 = this.child('ln2', new LayerNorm(d));
    this.qkv = this.child('qkv', new nn.Linear(d, 3 * d));
    this.proj = this.child('proj', new nn.Linear(d, d));
    this.fc1 = this.child('fc1', new nn.Linear(d, 4 * d));
    this.fc2 = this.child('fc2', new nn.Linear(4 * d, d));
  }
  forward(x: Tensor) {
    const [B, T, C] = x.shape as [number, number, number];
    const [q, k, v] = this.qkv
      .forward(this.ln1.forward(x))
      .view([B, T, 3, this.heads, C / this.heads])
      .permute([2, 0, 3, 1, 4])
      .unbind(0) as [Tensor, Tensor, Tensor];
    const y = torch.ops.scaledDotProductAttention(q, k, v, null, 0, true).transpose(1, 2).reshape([B, T, C]);
    x = x.add(this.proj.forward(y));
    return x.add(this.fc2.forward(this.fc1.forward(this.ln2.forward(x)).gelu()));
  }
}
const emb = new Embedding(50, 32),
  block = new Block(32, 4);
const ids = torch.randint(0, 50, [2, 10]);
class Net extends nn.Module {
  emb = this.child('emb', emb);
  block = this.child('block', block);
  forward(i: Tensor) {
    return this.block.forward(this.emb.forward(i));
  }
}
const params = [...new Net().namedParameters()];
console.log(params.map(([n]) => n).join(' '));
const opt = new torch.optim.AdamW([{ parameters: params }], { lr: 1e-2 });
for (let i = 0; i < 30; i++) {
  const loss = torch.scope(() => {
    opt.zeroGrad();
    const h = block.forward(emb.forward(ids));
    const logits = h.matmul(emb.weight.t());
    const l = torch.crossEntropy(logits.flatten(0, 1), ids.flatten());
    l.backward();
    opt.step();
    return l.item();
  });
  if (i % 29 === 0) console.log(i, loss.toFixed(3));
}
