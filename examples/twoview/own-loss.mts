/** @file Pre-trains with your own loss: alignment and uniformity (Wang & Isola 2020, arXiv 2005.10242, section 5). */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { pretrain } from 'twoview';

/** zA and zB are [N, d]; row i of both is of image i. Views of one image are pulled together, all others spread over the sphere. */
function alignUniform(zA: torch.Tensor, zB: torch.Tensor): torch.Tensor {
  const [a, b] = [zA, zB].map((z) => torch.normalize(z.float(), { dim: 1 })) as [torch.Tensor, torch.Tensor];
  const alignment = a.sub(b).square().sum(1).mean();
  const uniformity = (x: torch.Tensor) => {
    const distances = x.matmul(x.t()).mul(-2).add(2); // of unit vectors: |x - y|^2 = 2 - 2 x.y
    const others = torch.eye(x.size(0)).neg().add(1);
    return distances.mul(-2).exp().mul(others).sum().div(others.sum()).log();
  };
  return alignment.add(uniformity(a).add(uniformity(b)).mul(0.5));
}

const out = mkdtempSync(join(tmpdir(), 'own-loss-'));
const run = await pretrain({
  data: 'shapes',
  encoder: 'resnet10_narrow',
  loss: alignUniform,
  epochs: 2,
  batchSize: 64,
  limit: 512,
  heldOut: 128,
  k: 20,
  knnEvery: 1,
  precision: 'float32',
  out: join(out, 'run'),
  onEpoch: ({ epoch, loss, values }) =>
    console.log(`epoch ${epoch}  loss ${loss.toFixed(3)}  uniformity ${values.uniformity?.toFixed(2)}`),
});
console.log(`last loss ${run.loss.toFixed(3)}`);
