/** @file Views with your own steps: rotation by 90 degrees, as for cells and satellite images, and noise. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { pretrain, views } from 'twoview';

/** `images` is [V, 3, S, S] in [0, 1]; `draw('turns', 1)` returns [V, 1] random numbers in [0, 1), repeatable by seed and step. */
const turn = views.own('turn', (images, draw) => {
  const quarters = draw('turns', 1).mul(4).floor().reshape([-1, 1, 1, 1]);
  return [1, 2, 3].reduce(
    (turned, times) => torch.where(quarters.eq(times), images.rot90(times, [2, 3]), turned),
    images,
  );
});

const noise = (strength: number) =>
  views.own(
    'noise',
    (images, draw) => {
      const uniform = draw('noise', images.numel() / images.size(0)).reshape(images.shape);
      return images.add(uniform.sub(0.5).mul(strength)).clamp(0, 1).float();
    },
    { version: `strength ${strength}` }, // the source of the function is the same for every strength
  );

const run = await pretrain({
  data: 'shapes',
  encoder: 'resnet10_narrow',
  views: views.compose(views.randomResizedCrop({ scale: [0.3, 1] }), turn, views.colourJitter(), noise(0.1)),
  epochs: 1,
  batchSize: 64,
  limit: 512,
  heldOut: 128,
  k: 20,
  precision: 'float32',
  out: join(mkdtempSync(join(tmpdir(), 'own-views-')), 'run'),
});
console.log(`loss ${run.loss.toFixed(3)} (chance ${run.chance?.toFixed(3)})`);
