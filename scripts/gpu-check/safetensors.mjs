/** @file A safetensors file as bytes: no libtorch is needed to split one, or to put one together. */
import { readFileSync, writeFileSync } from 'node:fs';

/** @returns {{ metadata: Record<string, string>, tensors: Record<string, { dtype: string, shape: number[], bytes: Buffer }> }} */
export function readTensors(file) {
  const whole = readFileSync(file);
  const length = Number(whole.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(whole.subarray(8, 8 + length).toString());
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => [name, { dtype, shape, bytes: whole.subarray(8 + length + from, 8 + length + to) }],
  );
  return { metadata: metadata ?? {}, tensors: Object.fromEntries(tensors) };
}

export function writeTensors(file, { metadata, tensors }) {
  const header = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(Math.ceil((8 + json.length) / 64) * 64, ' ');
  start.writeBigUInt64LE(BigInt(start.length - 8));
  json.copy(start, 8);
  writeFileSync(file, Buffer.concat([start, ...Object.values(tensors).map(({ bytes }) => bytes)]));
}
