/** @file A small Vision Transformer (Dosovitskiy et al. 2021, arXiv 2010.11929) that learns where on an image a bright square is. */
import * as torch from '@twoview/torch';

const { nn } = torch;
type Tensor = torch.Tensor;
await torch.load();
torch.manualSeed(0);

const [SIZE, PATCH, WIDTH, CLASSES] = [16, 4, 32, 4];

class ViT extends nn.Module {
  patches = this.child('patch_embed', new nn.Conv2d(3, WIDTH, PATCH, { stride: PATCH }));
  token = this.parameter('cls_token', torch.zeros(1, 1, WIDTH));
  places = this.parameter(
    'pos_embed',
    nn.init.truncNormal(torch.empty(1, (SIZE / PATCH) ** 2 + 1, WIDTH), { std: 0.02 }),
  );
  blocks = this.child(
    'blocks',
    new nn.TransformerEncoder(
      () =>
        new nn.TransformerEncoderLayer(WIDTH, 4, {
          dimFeedforward: 64,
          dropout: 0,
          activation: 'gelu',
          batchFirst: true,
          normFirst: true,
        }),
      2,
      { norm: new nn.LayerNorm(WIDTH) },
    ),
  );
  head = this.child('head', new nn.Linear(WIDTH, CLASSES));

  /** [n, 3, size, size] -> [n, classes] */
  forward(images: Tensor): Tensor {
    const patches = this.patches.forward(images).flatten(2).transpose(1, 2); // [n, patches, width]
    const x = torch.cat([this.token.expand(images.size(0), 1, WIDTH), patches], 1).add(this.places);
    return this.head.forward(this.blocks.forward(x).index(':', 0));
  }
}

/** Noise with a bright square in one of the four quarters. */
function draw(n: number): [images: Tensor, quarter: Tensor] {
  const images = torch.randn(n, 3, SIZE, SIZE).mul(0.3);
  const quarter = torch.randint(0, CLASSES, [n]);
  for (const [i, place] of quarter.tolist().entries()) {
    const [top, left] = [8 * Math.floor(place / 2) + 2, 8 * (place % 2) + 2];
    images.indexPut_([i, ':', `${top}:${top + 4}`, `${left}:${left + 4}`], 2);
  }
  return [images, quarter];
}

const net = new ViT();
const optimizer = new torch.optim.AdamW(net.parameters(), { lr: 3e-3, weightDecay: 0.05 });
for (let step = 0; step <= 150; step++) {
  const loss = torch.scope(() => {
    const [images, quarter] = draw(32);
    const error = torch.crossEntropy(net.forward(images), quarter, { labelSmoothing: 0.1 });
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (step % 50 === 0) console.log(`step ${step}  loss ${loss.toFixed(3)}`);
}
const accuracy = torch.scope(() =>
  torch.noGrad(() => {
    const [images, quarter] = draw(200);
    return net.forward(images).argmax(1).eq(quarter).float().mean().item();
  }),
);
console.log(`accuracy ${(100 * accuracy).toFixed(0)} %`);
