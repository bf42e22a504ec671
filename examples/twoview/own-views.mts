/** @file Views with steps of one's own: quarter turns, as suit cells and satellites, and the noise of a sensor. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { pretrain, views } from 'twoview';

/** Images are [V, 3, S, S] in [0, 1]; `draw('turns', 1)` gives [V, 1] numbers in [0, 1), the same for the same seed and step. */
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
    { version: `strength ${strength}` },
  ); // its text does not tell the strength

const run = await pretrain({
  ...{ data: 'shapes', model: 'resnet10_narrow', out: join(mkdtempSync(join(tmpdir(), 'own-views-')), 'run') },
  views: views.compose(views.randomResizedCrop({ scale: [0.3, 1] }), turn, views.colourJitter(), noise(0.1)),
  ...{ epochs: 1, batchSize: 64, limit: 512, heldOut: 128, k: 20, precision: 'float32' },
});
console.log(`loss ${run.loss.toFixed(3)} (chance ${run.chance?.toFixed(3)})`);
