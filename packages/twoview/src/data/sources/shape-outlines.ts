/** @file The shapes as signed distances: negative inside, positive outside, about 1 across. Source of the polygon's: I. Quilez, sdPolygon. */

/** Distance from (x, y) to the outline. */
export type SignedDistance = (x: number, y: number) => number;
type Polygon = readonly (readonly [number, number])[];

function polygon(points: Polygon): SignedDistance {
  const count = points.length;
  const px = Float64Array.from(points, (point) => point[0]);
  const py = Float64Array.from(points, (point) => point[1]);
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let sign = 1;
    for (let i = 0, j = count - 1; i < count; j = i++) {
      const ay = py[i]!;
      const ex = px[j]! - px[i]!;
      const ey = py[j]! - ay;
      const wx = x - px[i]!;
      const wy = y - ay;
      const along = Math.min(1, Math.max(0, (wx * ex + wy * ey) / (ex * ex + ey * ey)));
      const dx = wx - ex * along;
      const dy = wy - ey * along;
      nearest = Math.min(nearest, dx * dx + dy * dy);
      const above = y >= ay;
      const below = y < py[j]!;
      const left = ex * wy > ey * wx;
      if (above === below && above === left) sign = -sign;
    }
    return sign * Math.sqrt(nearest);
  };
}

const regular = (corners: number, inner = 1): Polygon =>
  Array.from({ length: inner === 1 ? corners : 2 * corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / (inner === 1 ? corners : 2 * corners);
    const radius = i % 2 === 1 && inner !== 1 ? inner : 1;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)] as const;
  });

const circle =
  (cx: number, cy: number, radius: number): SignedDistance =>
  (x, y) =>
    Math.sqrt((x - cx) ** 2 + (y - cy) ** 2) - radius;
const without =
  (a: SignedDistance, b: SignedDistance): SignedDistance =>
  (x, y) =>
    Math.max(a(x, y), -b(x, y));
const both =
  (a: SignedDistance, b: SignedDistance): SignedDistance =>
  (x, y) =>
    Math.max(a(x, y), b(x, y));

const either =
  (...parts: SignedDistance[]): SignedDistance =>
  (x, y) =>
    Math.min(...parts.map((part) => part(x, y)));
const box =
  (cx: number, cy: number, halfWidth: number, halfHeight: number): SignedDistance =>
  (x, y) =>
    Math.max(Math.abs(x - cx) - halfWidth, Math.abs(y - cy) - halfHeight);

const disc = circle(0, 0, 0.85);
const plus: Polygon = [
  [-0.3, -0.95],
  [0.3, -0.95],
  [0.3, -0.3],
  [0.95, -0.3],
  [0.95, 0.3],
  [0.3, 0.3],
  [0.3, 0.95],
  [-0.3, 0.95],
  [-0.3, 0.3],
  [-0.95, 0.3],
  [-0.95, -0.3],
  [-0.3, -0.3],
];
const arrow: Polygon = [
  [0, -1],
  [0.8, -0.1],
  [0.3, -0.1],
  [0.3, 0.95],
  [-0.3, 0.95],
  [-0.3, -0.1],
  [-0.8, -0.1],
];
const cup: Polygon = [
  [-0.85, -0.85],
  [-0.35, -0.85],
  [-0.35, 0.35],
  [0.35, 0.35],
  [0.35, -0.85],
  [0.85, -0.85],
  [0.85, 0.85],
  [-0.85, 0.85],
];
const zig: Polygon = [
  [-0.9, -0.85],
  [0.2, -0.85],
  [0.2, 0.3],
  [0.9, 0.3],
  [0.9, 0.85],
  [-0.2, 0.85],
  [-0.2, -0.3],
  [-0.9, -0.3],
];

/** The ten classes of `shapes`. */
export const SHAPES: Record<string, SignedDistance> = {
  disc,
  ring: without(disc, circle(0, 0, 0.5)),
  square: box(0, 0, 0.72, 0.72),
  frame: without(box(0, 0, 0.8, 0.8), box(0, 0, 0.42, 0.42)),
  triangle: polygon(regular(3)),
  plus: polygon(plus),
  star: polygon(regular(5, 0.42)),
  dots: either(circle(0, -0.62, 0.36), circle(-0.58, 0.42, 0.36), circle(0.58, 0.42, 0.36)),
  bars: either(box(-0.68, 0, 0.2, 0.9), box(0, 0, 0.2, 0.9), box(0.68, 0, 0.2, 0.9)),
  crescent: without(disc, circle(0.45, 0, 0.68)),
};

/** Ten others of the same world, for the transfer arm. */
export const SOURCE_SHAPES: Record<string, SignedDistance> = {
  ellipse: (x, y) => (Math.sqrt((x / 0.95) ** 2 + (y / 0.5) ** 2) - 1) * 0.6,
  'half disc': both(disc, (_, y) => y),
  lens: both(circle(-0.5, 0, 0.95), circle(0.5, 0, 0.95)),
  pentagon: polygon(regular(5)),
  diamond: polygon([
    [0, -1],
    [0.5, 0],
    [0, 1],
    [-0.5, 0],
  ]),
  trapezium: polygon([
    [-0.4, -0.7],
    [0.4, -0.7],
    [0.95, 0.7],
    [-0.95, 0.7],
  ]),
  'eight-pointed star': polygon(regular(8, 0.6)),
  arrow: polygon(arrow),
  cup: polygon(cup),
  zigzag: polygon(zig),
};
