/**
 * @file Generated pictures of 32 x 32 pixels whose class is a shape and nothing else: colours, backgrounds, place, size,
 * turn, clutter and light are drawn at random. A picture depends on (set, index) alone, on every machine.
 */
import { SHAPES, type SignedDistance, SOURCE_SHAPES } from './shape-outlines.js';

export const SIZE = 32;

export const SHAPE_CLASSES: Record<string, Record<string, SignedDistance>> = {
  shapes: SHAPES,
  'shapes-source': SOURCE_SHAPES,
};

/** Marsaglia's xorshift with a mixed seed: small, and exact in 32-bit integers. */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 13) || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}

type Colour = [number, number, number];

/** Shapes turn by up to this angle, in radians. */
const TURN = Math.PI / 9;

const mix = (a: number, b: number, share: number) => a + (b - a) * share;
const covered = (distance: number) => Math.min(1, Math.max(0, 0.5 - distance * SIZE * 0.5));

/** @returns [3, 32, 32] uint8 */
export function drawShape(set: string, label: number, index: number): Uint8Array {
  const random = randomOf(index * 2 + (set === 'shapes' ? 0 : 1));
  const between = (low: number, high: number) => low + (high - low) * random();
  const colour = (): Colour => [random(), random(), random()];
  const canvas = new Float64Array(3 * SIZE * SIZE);
  const dark = random() < 0.5;
  draw(canvas, background(random, colour, dark));
  const outline = Object.values(SHAPE_CLASSES[set]!)[label]!;
  const scale = between(0.32, 0.5);
  const places = scatter(random, Math.round(between(2, 6)), scale);
  const clutter = Array.from({ length: Math.floor(between(0, 4)) }, () => stroke(random, colour));
  for (const line of clutter) blend(canvas, line.colour, line.share);
  for (const [cx, cy] of places) {
    const own = scale * between(0.8, 1.2);
    const turn = between(-TURN, TURN);
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const ink = inkOn(colour, dark);
    blend(canvas, ink, (x, y) => {
      const [dx, dy] = [(x - cx) / own, (y - cy) / own];
      if (dx * dx + dy * dy > 2) return 0;
      return covered(outline(cos * dx + sin * dy, -sin * dx + cos * dy) * own);
    });
  }
  const light = { x: between(-0.25, 0.25), y: between(-0.25, 0.25), gain: between(0.8, 1.2) };
  const noise = 0.04;
  const out = new Uint8Array(3 * SIZE * SIZE);
  draw(canvas, (x, y, _, value) => value * (1 + light.x * x + light.y * y) * light.gain);
  for (let i = 0; i < out.length; i++) {
    const value = canvas[i]! + noise * (random() + random() + random() - 1.5);
    out[i] = Math.round(Math.min(1, Math.max(0, value)) * 255);
  }
  return out;
}

const luminance = ([r, g, b]: Colour) => 0.299 * r + 0.587 * g + 0.114 * b;

/** Between the luminance of backgrounds and that of shapes lies at least this much on either side. */
const MARGIN = 0.12;
const EDGE = 0.5;

/** A colour that stands out from the background, in gray too. */
function inkOn(colour: () => Colour, dark: boolean): Colour {
  for (;;) {
    const ink = colour();
    if (dark ? luminance(ink) > EDGE + MARGIN : luminance(ink) < EDGE - MARGIN) return ink;
  }
}

/** Sets every value of a [3, S, S] canvas; places run from -1 to 1. */
function draw(canvas: Float64Array, value: (x: number, y: number, c: number, old: number) => number): void {
  for (let c = 0, i = 0; c < 3; c++) {
    for (let row = 0; row < SIZE; row++) {
      const y = ((row + 0.5) / SIZE) * 2 - 1;
      for (let column = 0; column < SIZE; column++, i++) {
        canvas[i] = value(((column + 0.5) / SIZE) * 2 - 1, y, c, canvas[i]!);
      }
    }
  }
}

/** Lays a colour over a canvas, as much of it as `share` says of each place. */
function blend(canvas: Float64Array, colour: Colour, share: (x: number, y: number) => number): void {
  const plane = SIZE * SIZE;
  for (let i = 0; i < plane; i++) {
    const part = share((((i % SIZE) + 0.5) / SIZE) * 2 - 1, ((Math.floor(i / SIZE) + 0.5) / SIZE) * 2 - 1);
    if (part > 0) for (let c = 0; c < 3; c++) canvas[c * plane + i] = mix(canvas[c * plane + i]!, colour[c]!, part);
  }
}

/** Up to `count` places that keep two radii apart. */
function scatter(random: () => number, count: number, radius: number): [number, number][] {
  const places: [number, number][] = [];
  for (let tries = 0; places.length < count && tries < 60; tries++) {
    const at: [number, number] = [random() * 1.7 - 0.85, random() * 1.7 - 0.85];
    if (places.every((other) => (other[0] - at[0]) ** 2 + (other[1] - at[1]) ** 2 > (2 * radius) ** 2)) places.push(at);
  }
  return places;
}

/** A colour for every corner of a picture, all dark or all light, so that no part of it tells what colours the rest has. */
function background(
  random: () => number,
  colour: () => Colour,
  dark: boolean,
): (x: number, y: number, c: number) => number {
  const corner = () => {
    for (;;) {
      const paint = colour();
      if (dark ? luminance(paint) < EDGE - MARGIN : luminance(paint) > EDGE + MARGIN) return paint;
    }
  };
  const [nw, ne, sw, se] = [corner(), corner(), corner(), corner()];
  const phase = random() * 2 * Math.PI;
  return (x, y, c) => {
    const right = Math.min(1, Math.max(0, 0.5 + 0.6 * x + 0.15 * Math.sin(4 * y + phase)));
    const down = Math.min(1, Math.max(0, 0.5 + 0.6 * y + 0.15 * Math.sin(4 * x - phase)));
    return mix(mix(nw[c]!, ne[c]!, right), mix(sw[c]!, se[c]!, right), down);
  };
}

/** A line or a blob that means nothing; some lie above the shape. */
function stroke(random: () => number, colour: () => Colour) {
  const [x1, y1, x2, y2] = [
    random() * 2.4 - 1.2,
    random() * 2.4 - 1.2,
    random() * 2.4 - 1.2,
    random() * 2.4 - 1.2,
  ] as const;
  const width = 0.03 + random() * 0.09;
  const blob = random() < 0.35;
  const opacity = 0.4 + random() * 0.6;
  return {
    colour: colour(),
    share(x: number, y: number): number {
      const dx = blob ? 0 : x2 - x1;
      const dy = blob ? 0 : y2 - y1;
      const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy + 1e-9)));
      return (
        opacity *
        covered(Math.sqrt((x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2) - (blob ? width * 1.5 : width))
      );
    },
  };
}
