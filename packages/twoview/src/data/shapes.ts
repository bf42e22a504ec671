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
  const contrast = (a: Colour, b: Colour) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]);
  const paint = background(random, colour);
  let ink = colour();
  while (contrast(ink, paint.mean) < 0.5) ink = colour();
  const outline = Object.values(SHAPE_CLASSES[set]!)[label]!;
  const scale = between(0.3, 0.62);
  const [cx, cy] = [between(-0.4, 0.4), between(-0.4, 0.4)];
  const turn = between(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const stretch = between(0.85, 1.18);
  const inkSlope = between(-0.3, 0.3);
  const clutter = Array.from({ length: Math.floor(between(1, 5)) }, () => stroke(random, colour)).sort(
    (a, b) => Number(a.above) - Number(b.above),
  );
  const below = clutter.filter((line) => !line.above).length;
  const strokes = new Float64Array(clutter.length);
  const light = { x: between(-0.35, 0.35), y: between(-0.35, 0.35), gain: between(0.7, 1.25) };
  const noise = between(0.01, 0.07);

  const out = new Uint8Array(3 * SIZE * SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const x = ((column + 0.5) / SIZE) * 2 - 1;
      const y = ((row + 0.5) / SIZE) * 2 - 1;
      const dx = (x - cx) / scale;
      const dy = (y - cy) / scale;
      const u = (cos * dx + sin * dy) * stretch;
      const v = (-sin * dx + cos * dy) / stretch;
      const share = covered(outline(u, v) * scale);
      const shade = 1 + light.x * x + light.y * y;
      const back = paint.share(x, y);
      clutter.forEach((line, i) => {
        strokes[i] = line.share(x, y);
      });
      for (let c = 0; c < 3; c++) {
        let value = mix(paint.a[c]!, paint.b[c]!, back);
        for (let i = 0; i < below; i++) value = mix(value, clutter[i]!.colour[c]!, strokes[i]!);
        value = mix(value, ink[c]! + inkSlope * u, share);
        for (let i = below; i < clutter.length; i++) value = mix(value, clutter[i]!.colour[c]!, strokes[i]!);
        const lit = value * shade * light.gain + noise * (random() + random() + random() - 1.5);
        out[c * SIZE * SIZE + row * SIZE + column] = Math.round(Math.min(1, Math.max(0, lit)) * 255);
      }
    }
  }
  return out;
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
    above: random() < 0.3,
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
