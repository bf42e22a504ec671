/** @file Draws from a text as seed, and changes to bytes as they happen: cut, overwritten, repeated, flipped, moved, put in. */
import { createHash } from 'node:crypto';

export function random(seed) {
  let state = createHash('sha256').update(seed).digest().readUInt32LE() || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, chance: (share) => next() < share, pick: (list) => list[below(list.length)] };
}

/** Half of the changes fall into the first 200 bytes, where headers are. */
export function mutated(bytes, r) {
  let out = Buffer.from(bytes);
  for (let i = r.below(4); i > 0 && out.length > 0; i--) {
    const at = r.chance(0.5) ? r.below(Math.min(200, out.length)) : r.below(out.length);
    const length = 1 + r.below(r.chance(0.8) ? 8 : 400);
    const change = r.below(6);
    if (change === 0) out = out.subarray(0, at);
    else if (change === 1) out.fill(r.below(256), at, Math.min(out.length, at + length));
    else if (change === 2) out[at] ^= 1 << r.below(8);
    else if (change === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
    else if (change === 4) out = Buffer.concat([out.subarray(0, at), out.subarray(at, at + length), out.subarray(at)]);
    else if (at + 4 <= out.length)
      out.writeUInt32LE(r.pick([0, 1, 0xffffffff, 0x7fffffff, 0x80000000, r.below(2 ** 31)]), at);
  }
  return out;
}
