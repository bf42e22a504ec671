/**
 * @file A colour for each class, in a lightness that reads on light and on dark ground.
 *
 * The first eight are Okabe and Ito's (2008), which people with any colour vision tell apart, without black; those after
 * them walk around OKLCH by the golden angle. Source of the conversion: Ottosson 2020, "A perceptual color space".
 */
export type Rgb = readonly [number, number, number];

const NAMED: readonly Rgb[] = [
  [0, 114, 178],
  [230, 159, 0],
  [0, 158, 115],
  [204, 121, 167],
  [86, 180, 233],
  [213, 94, 0],
  [148, 103, 189],
  [190, 178, 40],
];

/** For images without a class. */
export const NO_CLASS: Rgb = [140, 144, 152];

const gamma = (linear: number) => (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
const byte = (linear: number) => Math.round(255 * Math.min(1, Math.max(0, gamma(linear))));

/** @param lightness and chroma as in OKLCH; @param hue in degrees */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** @param index of a class or a cluster; below 0 for none */
export function colourOf(index: number): Rgb {
  if (index < 0) return NO_CLASS;
  return NAMED[index] ?? oklch(0.56 + 0.06 * (index % 4), 0.12, (index * 137.508) % 360);
}

export const cssColour = (index: number): string => `rgb(${colourOf(index).join(' ')})`;
