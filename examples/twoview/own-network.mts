/**
 * @file Pre-trains your own network, a small Vision Transformer (Dosovitskiy et al. 2021), and fine-tunes it with few labels. It ends
 * within seconds and so learns little: for more, raise `epochs` and leave `limit` out.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { barlowTwins, finetune, openImages, pretrain, views } from 'twoview';

const { nn } = torch;
const [SIZE, PATCH, WIDTH] = [32, 4, 32];

/** An encoder: `forward` takes images [N, 3, S, S] and returns representations [N, d]; it has no classifier. */
class ViT extends nn.Module {
  patches = this.child('patch_embed', new nn.Conv2d(3, WIDTH, PATCH, { stride: PATCH }));
  places = this.parameter('pos_embed', torch.randn(1, (SIZE / PATCH) ** 2, WIDTH).mul(0.02));
  blocks = this.child('blocks', new nn.TransformerEncoder(this.layer, 2, { norm: new nn.LayerNorm(WIDTH) }));

  layer() {
    const options = { dimFeedforward: 64, dropout: 0, activation: 'gelu', batchFirst: true, normFirst: true } as const;
    return new nn.TransformerEncoderLayer(WIDTH, 4, options);
  }

  forward(images: torch.Tensor): torch.Tensor {
    const patches = this.patches.forward(images).flatten(2).transpose(1, 2); // [N, patches, width]
    return this.blocks.forward(patches.add(this.places)).mean(1); //             [N, width]
  }
}

await torch.load();
const out = mkdtempSync(join(tmpdir(), 'own-network-'));
using data = await openImages('shapes'); // generated images; 'photos/' opens a folder of yours
const run = await pretrain({
  data,
  encoder: () => new ViT(),
  loss: barlowTwins,
  views: views.compose(views.randomResizedCrop({ scale: [0.2, 1] }), views.flip(), views.colourJitter()),
  optimizer: 'adamw',
  lr: 1e-3,
  epochs: 2,
  batchSize: 64,
  limit: 512,
  heldOut: 128,
  k: 20,
  knnEvery: 1,
  out: join(out, 'vit'),
  onEpoch: ({ epoch, loss, knn }) => console.log(`epoch ${epoch}  loss ${loss.toFixed(2)}  kNN ${knn?.toFixed(2)}`),
});
const { metrics, labels } = await finetune({ data, init: run, fraction: 0.01, epochs: 5, out: join(out, 'vit-1pct') });
console.log(`accuracy ${metrics.accuracy.toFixed(2)} with ${labels} labels`);
