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

const mix = (a: number, b: number, share: number) => a + (b - a) * share;
const covered = (distance: number) => Math.min(1, Math.max(0, 0.5 - distance * SIZE * 0.5));

/** @returns [3, 32, 32] uint8 */
export function drawShape(set: string, label: number, index: number): Uint8Array {
  const random = randomOf(index * 2 + (set === 'shapes' ? 0 : 1));
  const between = (low: number, high: number) => low + (high - low) * random();
  const colour = (): Colour => [random(), random(), random()];
  const canvas = new Float64Array(3 * SIZE * SIZE);
  const paint = background(random, colour);
  draw(canvas, (x, y, c) => mix(paint.a[c]!, paint.b[c]!, paint.share(x, y)));
  const outline = Object.values(SHAPE_CLASSES[set]!)[label]!;
  const scale = between(0.24, 0.4);
  const places = scatter(random, Math.round(between(3, 7)), scale);
  const clutter = Array.from({ length: Math.floor(between(0, 4)) }, () => stroke(random, colour));
  for (const line of clutter) blend(canvas, line.colour, line.share);
  for (const [cx, cy] of places) {
    const own = scale * between(0.8, 1.2);
    const turn = between(0, 2 * Math.PI);
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    let ink = colour();
    while (contrast(ink, paint.mean) < 0.7) ink = colour();
    blend(canvas, ink, (x, y) => {
      const [dx, dy] = [(x - cx) / own, (y - cy) / own];
      if (dx * dx + dy * dy > 2) return 0;
      return covered(outline(cos * dx + sin * dy, -sin * dx + cos * dy) * own);
    });
  }
  const light = { x: between(-0.35, 0.35), y: between(-0.35, 0.35), gain: between(0.7, 1.25) };
  const noise = between(0.01, 0.07);
  const out = new Uint8Array(3 * SIZE * SIZE);
  draw(canvas, (x, y, _, value) => value * (1 + light.x * x + light.y * y) * light.gain);
  for (let i = 0; i < out.length; i++) {
    const value = canvas[i]! + noise * (random() + random() + random() - 1.5);
    out[i] = Math.round(Math.min(1, Math.max(0, value)) * 255);
  }
  return out;
}

const contrast = (a: Colour, b: Colour) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]);

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

interface Background {
  a: Colour;
  b: Colour;
  mean: Colour;
  /** How much of b there is at a place. */
  share(x: number, y: number): number;
}

/** Two colours in a gradient, stripes, checks or blobs. */
function background(random: () => number, colour: () => Colour): Background {
  const [a, b] = [colour(), colour()];
  for (let c = 0; c < 3; c++) b[c] = mix(a[c]!, b[c]!, 0.6); // the shape must stay the strongest contrast more often than not
  const kind = Math.floor(random() * 4);
  const angle = random() * 2 * Math.PI;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const frequency = 2 + random() * 7;
  const phase = random() * 6.28;
  const share = (x: number, y: number): number => {
    const along = cos * x + sin * y;
    const across = -sin * x + cos * y;
    if (kind === 0) return Math.min(1, Math.max(0, 0.5 + along * 0.5));
    if (kind === 1) return 0.5 + 0.5 * Math.sin(along * frequency + phase);
    if (kind === 2) return Math.sin(along * frequency + phase) * Math.sin(across * frequency) > 0 ? 1 : 0;
    return 0.5 + 0.25 * (Math.sin(along * frequency + phase) + Math.sin(across * frequency * 0.7 + along * 2));
  };
  return { a, b, mean: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2], share };
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
