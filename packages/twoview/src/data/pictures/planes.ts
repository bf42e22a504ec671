/** @file From pixels side by side to planes of red, green and blue, with a ground under what is transparent. */

export type Ground = readonly [red: number, green: number, blue: number];

/**
 * @param pixels of a square, `channels` bytes each: grey, grey and alpha, RGB, or RGBA
 * @param ground null takes no notice of alpha
 */
export function flattened(
  pixels: ArrayLike<number>,
  size: number,
  channels: number,
  ground: Ground | null,
): { pixels: Uint8Array; transparent: boolean; plain: boolean } {
  const area = size * size;
  const out = new Uint8Array(3 * area);
  if (channels === 3) {
    for (let i = 0, at = 0; i < area; i++) {
      out[i] = pixels[at++]!;
      out[area + i] = pixels[at++]!;
      out[2 * area + i] = pixels[at++]!;
    }
    return { pixels: out, transparent: false, plain: false };
  }
  const alphaAt = channels === 2 || channels === 4 ? channels - 1 : -1;
  let transparent = false;
  for (let c = 0; c < 3; c++) {
    const from = channels < 3 ? 0 : c;
    for (let i = 0; i < area; i++) {
      const value = pixels[i * channels + from]!;
      const alpha = alphaAt < 0 || ground === null ? 255 : pixels[i * channels + alphaAt]!;
      if (alpha === 255) out[c * area + i] = value;
      else {
        transparent = true;
        out[c * area + i] = Math.round((value * alpha + ground![c]! * (255 - alpha)) / 255);
      }
    }
  }
  return { pixels: out, transparent, plain: transparent && isPlain(out, area) };
}

/** Whether all pixels have one colour. */
function isPlain(planes: Uint8Array, area: number): boolean {
  for (let c = 0; c < 3; c++) {
    const first = planes[c * area];
    for (let i = 1; i < area; i++) if (planes[c * area + i] !== first) return false;
  }
  return true;
}
