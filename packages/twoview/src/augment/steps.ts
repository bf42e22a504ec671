/** @file The steps that pipelines of views are made of, with torchvision's definitions and defaults. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import { type Draw, draws } from '../runs/random.js';
import { blur as blurred } from './blur.js';
import { grayscale as grayed, colourJitter as jittered, sampleJitter } from './colour.js';
import { applyCrops, sampleCrops } from './crop.js';
import { compose, type DrawRows, type ViewPipeline, type ViewStep } from './pipeline.js';
import type { ViewOptions } from './views.js';

export { compose, type DrawRows, type OwnStep, own, type ViewPipeline, type ViewStep } from './pipeline.js';
export { randAugment } from './rand-augment.js';

/** The numbers of the views of a step: the same seed and step give the same ones, on every device. */
export const numbers =
  (seed: number, step: number, device = 'cpu'): DrawRows =>
  (from, count) =>
    draws(seed, 'views', step, { from, count }, device);

/** [V] bool: which of the views a step changes. */
const chosen = (draw: Draw, purpose: string, p: number): Tensor => draw(purpose, 1).squeeze(1).lt(p);
/** [V] -> [1, V, 1, 1] */
const perView = (x: Tensor): Tensor => x.reshape([1, -1, 1, 1]);

function share(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new TwoviewError('CONFIG_INVALID', {
    what: `${value} is no number from 0 to 1`,
    where: `views: ${name}`,
    next: ['give a fraction'],
  });
}

/** torchvision's RandomResizedCrop: a rectangle of this fraction of the area, brought to the size of the image (bilinear). */
export function randomResizedCrop({
  scale = [0.2, 1],
  ratio = [3 / 4, 4 / 3],
}: {
  scale?: readonly [number, number];
  ratio?: readonly [number, number];
} = {}): ViewStep {
  for (const one of scale) share('randomResizedCrop', one);
  const usual = ratio[0] === 3 / 4 && ratio[1] === 4 / 3;
  const crops = (images: Tensor, draw: Draw, side: number = images.shape[3]!) =>
    applyCrops(images, sampleCrops(images.shape[3]!, { scale, ratio, flip: 0 }, draw), side);
  return {
    ...{ name: 'randomResizedCrop', text: JSON.stringify(['randomResizedCrop', scale, ratio]) },
    standard: usual ? { cropScale: scale } : null,
    fromImages: crops,
    apply: (x, draw) => crops(x.permute([1, 0, 2, 3]), draw),
  };
}

/** A mirror image with probability p. */
export function flip(p = 0.5): ViewStep {
  return {
    ...{ name: 'flip', text: JSON.stringify(['flip', share('flip', p)]), standard: { flip: p } },
    apply: (x, draw) => torch.where(perView(chosen(draw, 'flip', p)), x.flip([3]), x),
  };
}

/** torchvision's ColorJitter, with probability p: four operations in a random order. SimCLR's strengths for CIFAR-10 by default. */
export function colourJitter({
  brightness = 0.4,
  contrast = 0.4,
  saturation = 0.4,
  hue = 0.1,
  p = 0.8,
} = {}): ViewStep {
  const jitter = { probability: share('colourJitter', p), brightness, contrast, saturation, hue };
  return {
    ...{ name: 'colourJitter', text: JSON.stringify(['colourJitter', jitter]), standard: { jitter } },
    apply: (x, draw) => jittered(x, sampleJitter(jitter, draw)),
  };
}

/** Gray (0.2989 R + 0.587 G + 0.114 B) with probability p. */
export function grayscale(p = 0.2): ViewStep {
  return {
    ...{ name: 'grayscale', text: JSON.stringify(['grayscale', share('grayscale', p)]), standard: { grayscale: p } },
    apply: (x, draw) => grayed(x, chosen(draw, 'grayscale', p)),
  };
}

/** Gaussian blur with probability p, sigma from [0.1, 2] pixels, as in SimCLR's appendix A. */
export function blur(p = 0.5): ViewStep {
  return {
    ...{ name: 'blur', text: JSON.stringify(['blur', share('blur', p)]), standard: { blur: p } },
    apply: (x, draw) =>
      blurred(
        x,
        draw('sigma', 1)
          .squeeze(1)
          .mul(1.9)
          .add_(0.1)
          .mul_(chosen(draw, 'blur', p))
          .to('float32'),
      ),
  };
}

/** torchvision's RandomSolarize: with probability p, values from `threshold` on are inverted. */
export function solarize(p = 0.2, { threshold = 0.5 } = {}): ViewStep {
  return {
    ...{ name: 'solarize', text: JSON.stringify(['solarize', share('solarize', p), threshold]), standard: null },
    apply: (x, draw) =>
      torch.where(perView(chosen(draw, 'solarize', p)).logicalAnd(x.ge(threshold)), x.neg().add(1), x),
  };
}

/** Moved by up to this fraction of the side each way, black where nothing is: torchvision's RandomCrop(S, padding=fraction * S). */
export function translate(fraction = 0.125): ViewStep {
  share('translate', fraction);
  return {
    ...{ name: 'translate', text: JSON.stringify(['translate', fraction]), standard: null },
    apply(x, draw) {
      const [c, views, size] = x.shape as [number, number, number, number];
      const padding = Math.round(fraction * size);
      const padded = torch.ops.constantPadNd(x, [padding, padding, padding, padding], 0);
      const place = draw('translate', 2)
        .mul(2 * padding + 1)
        .floor_()
        .to('int64'); // [V, 2]
      const along = torch.arange(size, { device: x.device });
      const pick = (column: number) => place.select(1, column).reshape([views, 1]).add(along); // [V, S]
      const long = size + 2 * padding;
      const rows = pick(0).reshape([1, views, size, 1]).expand([c, views, size, long]);
      const columns = pick(1).reshape([1, views, 1, size]).expand([c, views, size, size]);
      return padded.gather(2, rows).gather(3, columns);
    },
  };
}

/**
 * A square of this fraction of the side around a random pixel is covered; what of it lies outside is cut off. Source: DeVries & Taylor
 * 2017, arXiv 1708.04552, section 3.1, where images are normalised before, so that the cover is their mean: here 0.5.
 */
export function cutout(fraction = 0.5, { fill = 0.5 } = {}): ViewStep {
  share('cutout', fraction);
  return {
    ...{ name: 'cutout', text: JSON.stringify(['cutout', fraction, fill]), standard: null },
    apply(x, draw) {
      const [, views, size] = x.shape as [number, number, number, number];
      const length = Math.round(fraction * size);
      const centre = draw('cutout', 2).mul(size).floor_(); // [V, 2]
      const along = torch.arange(size, { device: x.device });
      const inside = (column: number) => {
        const from = centre
          .select(1, column)
          .sub(Math.floor(length / 2))
          .reshape([views, 1]);
        return along.ge(from).logicalAnd(along.lt(from.add(length))); // [V, S]
      };
      const covered = inside(0).unsqueeze(2).logicalAnd(inside(1).unsqueeze(1)); // [V, S, S]
      return x.maskedFill(covered, fill);
    },
  };
}

/** The standard views, from their options: those of SimCLR in the strengths of its code for CIFAR-10 by default. */
export const simclr = ({
  cropScale = [0.2, 1],
  flip: mirrored = 0.5,
  jitter = { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  grayscale: gray = 0.2,
  blur: blurry = 0,
}: Partial<ViewOptions> = {}): ViewPipeline =>
  compose(
    randomResizedCrop({ scale: cropScale }),
    flip(mirrored),
    colourJitter({ ...jitter, p: jitter.probability }),
    grayscale(gray),
    blur(blurry),
  );

/** For training with labels: mirror images and translations by up to an eighth, as is usual with CIFAR-10. */
export const weak = (): ViewPipeline => compose(flip(), translate());

/** For training with few labels: crops, mirror images, colours and a covered square. */
export const strong = (): ViewPipeline =>
  compose(randomResizedCrop(), flip(), colourJitter(), grayscale(0.1), cutout(0.25));
