/**
 * @file Pipelines of view steps. The steps of SimCLR in SimCLR's order have quick code of their own (views.ts, and a kernel on a GPU); any
 * other order, and steps of the caller's own, are computed one step after the other, with the same draws.
 */
import type { Tensor } from '@twoview/torch';
import { TwoviewError } from '../errors.js';
import type { Draw } from '../runs/random.js';
import { shortHash } from '../runs/short-hash.js';
import { inChunks, type Normalisation } from './chunks.js';
import { applyViews, sampleViews, slice, type ViewOptions } from './views.js';

/** The numbers of views `from` ... `from + count - 1`: the same ones each time. */
export type DrawRows = (from: number, count: number) => Draw;

export interface ViewStep {
  name: string;
  /** Tells this step, with its options, from any other: part of a run's identity. */
  text: string;
  /** What it adds to the standard views; null where it is no step of them. */
  standard: Partial<ViewOptions> | null;
  /**
   * @param x [3, V, S, S] float32 in [0, 1], may be changed in place
   * @param draw [V, columns] numbers of these views
   * @returns [3, V, S, S]
   */
  apply(x: Tensor, draw: Draw): Tensor;
  /** For a first step that makes several views of an image in one go: [n, 3, S, S] -> [3, V, side, side]. */
  fromImages?(images: Tensor, draw: Draw, side: number): Tensor;
}

/** Views whose numbers are drawn: views `from` ... `from + count - 1` of these images, which come k times each. */
export type DrawnViews = (images: Tensor, from: number, count: number, normalisation: Normalisation) => Tensor;

export interface ViewPipeline {
  /** 16 hexadecimal digits that tell this pipeline from any other. */
  readonly version: string;
  readonly steps: readonly ViewStep[];
  /** As options of the standard views, where it consists of their steps in their order. */
  readonly standard: ViewOptions | null;
  /** Whether its views may be smaller than the images: a crop comes first. */
  readonly resizes: boolean;
  /** @param size side of the images @param views that will be asked for, at most @param side of the views, that of the images by default */
  draw(size: number, rows: DrawRows, views: number, side?: number): DrawnViews;
}

const NONE: ViewOptions = {
  cropScale: [1, 1],
  flip: 0,
  jitter: { probability: 0, brightness: 0, contrast: 0, saturation: 0, hue: 0 },
  grayscale: 0,
  blur: 0,
};
const ORDER = ['randomResizedCrop', 'flip', 'colourJitter', 'grayscale', 'blur'];

/** A step of the caller's own: [V, 3, S, S] float32 in [0, 1] to the same shape; `draw(purpose, columns)` gives [V, columns] in [0, 1). */
export type OwnStep = (images: Tensor, draw: Draw) => Tensor;

/**
 * A pipeline of view steps, in this order. A function is a step of one's own; name it, and say its version with `views.own` where its text
 * does not tell all that it does.
 *
 * @throws TwoviewError CONFIG_INVALID without steps
 */
export function compose(...given: (ViewStep | OwnStep)[]): ViewPipeline {
  if (given.length === 0)
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'a pipeline of views needs a step at least',
      where: 'views.compose()',
      next: ['views.simclr()  is the pipeline of the paper'],
    });
  const steps = given.map((step) => (typeof step === 'function' ? own(step.name || 'step', step) : step));
  const version = shortHash(JSON.stringify(steps.map(({ text }) => text)));
  const standard = standardOf(steps);
  const resizes = steps[0]!.fromImages !== undefined;
  return { version, steps, standard, resizes, draw: standard === null ? drawSteps(steps) : drawStandard(standard) };
}

function standardOf(steps: readonly ViewStep[]): ViewOptions | null {
  const places = steps.map(({ name, standard }) => (standard === null ? -1 : ORDER.indexOf(name)));
  const inOrder = places[0] === 0 && places.every((place, i) => i === 0 || place > places[i - 1]!);
  return inOrder ? Object.assign({}, NONE, ...steps.map(({ standard }) => standard)) : null;
}

const drawStandard =
  (options: ViewOptions): ViewPipeline['draw'] =>
  (size, rows, views, side = size) => {
    const drawn = sampleViews(size, options, rows(0, views));
    return (images, from, count, normalisation) => applyViews(images, slice(drawn, from, count), normalisation, side);
  };

function drawSteps(steps: readonly ViewStep[]): ViewPipeline['draw'] {
  // A second step of a name draws numbers of its own.
  const nth = steps.map(({ name }, i) => steps.slice(0, i).filter((other) => other.name === name).length);
  const drawOf =
    (i: number, draw: Draw): Draw =>
    (purpose, columns) =>
      draw(nth[i] === 0 ? purpose : `${purpose} ${nth[i]! + 1}`, columns);
  return (size, rows, _, side = size) =>
    (images, from, count, normalisation) =>
      inChunks(images, { views: count, side }, normalisation, (source, first, views) => {
        const draw = rows(from + first, views);
        const [start] = steps;
        const begin = start!.fromImages !== undefined;
        let x = begin ? start!.fromImages!(source, drawOf(0, draw), side) : repeated(source, views);
        for (const [i, step] of steps.entries()) if (i > 0 || !begin) x = step.apply(x, drawOf(i, draw));
        return x;
      });
}

/** [n, 3, S, S] -> [3, n * k, S, S] */
const repeated = (images: Tensor, views: number): Tensor =>
  images
    .permute([1, 0, 2, 3])
    .repeatInterleave(views / images.shape[0]!, { dim: 1 })
    .contiguous();

/**
 * A step of one's own.
 *
 * @param version another one for another behaviour; by default the function's text, which does not tell what it calls
 */
export function own(name: string, step: OwnStep, { version = String(step) }: { version?: string } = {}): ViewStep {
  return {
    ...{ name, text: JSON.stringify({ own: name, version }), standard: null },
    apply(x, draw) {
      const images = x.permute([1, 0, 2, 3]).contiguous();
      const made = step(images, (purpose, columns) => draw(`${name}/${purpose}`, columns));
      if (String(made?.shape) !== String(images.shape) || made.dtype !== 'float32')
        throw wrongShape(name, images, made);
      return made.permute([1, 0, 2, 3]).contiguous();
    },
  };
}

function wrongShape(name: string, images: Tensor, made: Tensor | undefined): TwoviewError {
  const got = made === undefined ? 'nothing' : `[${made.shape.join(', ')}] ${made.dtype}`;
  return new TwoviewError('CONFIG_INVALID', {
    what: `a step of views returned ${got} for images of [${images.shape.join(', ')}] float32`,
    where: `views: ${name}`,
    next: ['return as many images of the same size, float32, with numbers in [0, 1]'],
  });
}
