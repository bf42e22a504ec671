/** @file safetensors: what is read, what is written, what is refused. Fixtures: scripts/make-io-fixtures.py. */
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { atomicWrite, writeAll } from '../src/io/atomic.js';
import * as safetensors from '../src/io/safetensors.js';

beforeAll(() => torch.load({ threads: 1 }));

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/io/${name}`, import.meta.url));
const expected = JSON.parse(readFileSync(fixture('tensors.json'), 'utf8')).safetensors;

const bits = (tensor: torch.Tensor): string => {
  const array = (tensor.dtype === 'complex64' ? torch.ops.viewAsReal(tensor) : tensor).toTypedArray();
  return Buffer.from(array.buffer).toString('base64');
};
const described = (tensor: torch.Tensor) => ({ dtype: tensor.dtype, shape: [...tensor.shape], data: bits(tensor) });

/** A file with this header and this much data. */
function file(header: unknown, dataBytes: number, { length = -1 } = {}): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(length < 0 ? json.length : length));
  writeFileSync(at('made.safetensors'), Buffer.concat([prefix, json, Buffer.alloc(dataBytes, 1)]));
  return at('made.safetensors');
}

/** A file of these bytes, one a character. */
function raw(text: string): string {
  writeFileSync(at('raw.safetensors'), text, 'latin1');
  return at('raw.safetensors');
}

function refusal(run: () => unknown): { code?: string; message: string } {
  try {
    run();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('nothing was thrown');
}

const F32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

test.each([true, false])('every dtype that Python writes is read with the same bits (mmap: %s)', (mmap) => {
  const { tensors, metadata } = safetensors.load(fixture('all.safetensors'), { mmap });
  expect(metadata).toEqual({ format: 'pt', note: 'a "quoted" note' });
  expect(Object.keys(tensors).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, tensor] of Object.entries(tensors)) {
    const { dtype, shape, data } = expected[name];
    expect(described(tensor), name).toEqual({ dtype, shape, data });
  }
});

test("what is written holds the same header entries and data as Python's file of the same tensors", () => {
  const { tensors, metadata } = safetensors.load(fixture('all.safetensors'));
  safetensors.save(at('again.safetensors'), tensors, metadata);
  const parts = (path: string) => {
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    return {
      json: JSON.parse(bytes.toString('utf8', 8, 8 + length)),
      data: bytes.subarray(8 + length),
      start: 8 + length,
    };
  };
  const [ours, theirs] = [parts(at('again.safetensors')), parts(fixture('all.safetensors'))];
  expect(ours.json).toEqual(theirs.json);
  expect(ours.data.equals(theirs.data)).toBe(true);
  expect(ours.start % 64).toBe(0);
});

test('equal tensors give equal bytes, in whatever order they are named', () => {
  const make = () => ({ b: torch.arange(6, { dtype: 'int64' }), a: torch.ones([3]), '10': torch.zeros([2]) });
  safetensors.save(at('1.safetensors'), make(), { x: '1', a: '2' });
  const { b, a, '10': ten } = make();
  safetensors.save(at('2.safetensors'), { a, '10': ten, b }, { a: '2', x: '1' });
  expect(readFileSync(at('1.safetensors')).equals(readFileSync(at('2.safetensors')))).toBe(true);
});

test('strides, shared memory, gradients and empty tensors do not change what is written', () => {
  const base = torch.arange(24, { dtype: 'float32' });
  const images = base.view([1, 2, 3, 4]);
  const tensors = {
    transposed: base.view([4, 6]).t(),
    part: base.narrow(0, 3, 5),
    same: base,
    expanded: torch.ones([2, 1]).expand([2, 3]),
    channelsLast: images.contiguous({ memoryFormat: 'channels_last' }),
    weight: torch.tensor([1, 2], { requiresGrad: true }),
    half: base.to('bfloat16').view([6, 4]).t(),
    empty: torch.zeros([0, 3]),
    scalar: torch.tensor(2.5),
    odd: torch.tensor(Uint8Array.of(1, 2, 3)),
  };
  safetensors.save(at('strides.safetensors'), tensors);
  const { tensors: read } = safetensors.load(at('strides.safetensors'));
  for (const [name, tensor] of Object.entries(tensors)) expect(described(read[name]!), name).toEqual(described(tensor));
  expect(read.weight!.requiresGrad).toBe(false);
});

test('a tensor larger than the write buffer is written whole', () => {
  const long = torch.arange(3_000_001, { dtype: 'int32' }); // 12 MB, not a multiple of the buffer
  safetensors.save(at('long.safetensors'), { long, turned: long.narrow(0, 0, 3_000_000).view([1000, 3000]).t() });
  const { tensors } = safetensors.load(at('long.safetensors'));
  expect(tensors.long!.equal(long)).toBe(true);
  expect(tensors.turned!.equal(long.narrow(0, 0, 3_000_000).view([1000, 3000]).t())).toBe(true);
});

test('a mapped tensor can be written to, and the file stays as it is', () => {
  safetensors.save(at('private.safetensors'), { x: torch.zeros([4]) });
  const before = readFileSync(at('private.safetensors'));
  const { x } = safetensors.load(at('private.safetensors')).tensors;
  expect(x!.add_(1).tolist()).toEqual([1, 1, 1, 1]);
  expect(readFileSync(at('private.safetensors')).equals(before)).toBe(true);
});

test('a file may be replaced or removed while its tensors live', () => {
  safetensors.save(at('gone.safetensors'), { x: torch.full([4], 3) });
  const { x } = safetensors.load(at('gone.safetensors')).tensors;
  safetensors.save(at('gone.safetensors'), { x: torch.full([4], 4) });
  rmSync(at('gone.safetensors'));
  expect(x!.tolist()).toEqual([3, 3, 3, 3]);
});

test('loading leaves no tensors behind but those of the file', () => {
  const before = torch.liveTensors();
  const { tensors } = safetensors.load(fixture('all.safetensors'));
  expect(torch.liveTensors() - before).toBe(Object.keys(expected).length);
  for (const tensor of Object.values(tensors)) tensor.dispose();
  expect(torch.liveTensors()).toBe(before);
});

test('tensors at odd places of a file are copied into place', () => {
  const path = file({ a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] }, b: F32(1, 9) }, 9);
  expect(bits(safetensors.load(path).tensors.b!)).toBe(Buffer.alloc(8, 1).toString('base64'));
});

test('a tensor may have any name', () => {
  const names = ['__proto__', 'constructor', 'a b', '"', '\u{1f600}', ''];
  safetensors.save(at('names.safetensors'), Object.fromEntries(names.map((name, i) => [name, torch.full([1], i)])));
  const { tensors } = safetensors.load(at('names.safetensors'));
  expect(names.map((name) => Object.getOwnPropertyDescriptor(tensors, name)?.value.item())).toEqual([0, 1, 2, 3, 4, 5]);
});

test.each<[string, () => string, string]>([
  ['an empty file', () => raw(''), 'fewer than the 8'],
  ['a header beyond the file', () => file({}, 0, { length: 100 }), 'claims 100 bytes'],
  ['a header of more than 100 MB', () => file({}, 0, { length: 100_000_001 }), '100000000 are the most'],
  ['a header that is no JSON', () => file('{"a"', 0), 'header is damaged'],
  ['a header that does not start with {', () => file(' {}', 0), 'does not start with {'],
  ['a header that is a list', () => file('[]', 0), 'does not start with {'],
  ['a header that is not UTF-8', () => raw('\x07\0\0\0\0\0\0\0{"\xff":1}'), 'not valid'],
  ['a key twice', () => file(`{"a":${JSON.stringify(F32(0, 4))},"\\u0061":${JSON.stringify(F32(0, 4))}}`, 4), 'twice'],
  ['a field twice', () => file('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1), 'twice'],
  ['endless nesting in an object', () => file(`{"a":${'['.repeat(1e6)}`, 0), '3 levels deep'],
  [
    'endless dimensions',
    () => file({ a: { dtype: 'U8', shape: Array(65).fill(1), data_offsets: [0, 1] } }, 1),
    'too long',
  ],
  [
    'an unknown dtype',
    () => file({ a: { dtype: 'F7', shape: [1], data_offsets: [0, 1] } }, 1),
    'dtype "F7" is unknown',
  ],
  ['a missing dtype', () => file({ a: { shape: [1], data_offsets: [0, 1] } }, 1), 'is unknown'],
  ['a negative dimension', () => file({ a: F32(0, 4, [-1]) }, 4), 'its shape is [-1]'],
  ['a broken dimension', () => file({ a: F32(0, 4, [0.5]) }, 4), 'its shape is [0.5]'],
  ['dimensions that overflow', () => file({ a: F32(0, 4, [2 ** 40, 2 ** 40, 0]) }, 4), 'too large'],
  ['a negative offset', () => file({ a: F32(-4, 0, [1]) }, 4), 'data_offsets are [-4,0]'],
  ['offsets turned round', () => file({ a: F32(4, 0, [1]) }, 4), '-4 bytes'],
  ['a shape of another size', () => file({ a: F32(0, 4, [2]) }, 4), 'has 4 bytes where its shape wants 8'],
  ['a tensor beyond the end', () => file({ a: F32(0, 8) }, 4), 'ends at byte'],
  ['an overlap', () => file({ a: F32(0, 8), b: F32(4, 12) }, 12), 'where the tensors before it end'],
  ['a hole', () => file({ a: F32(0, 4), b: F32(8, 12) }, 12), 'where the tensors before it end'],
  ['bytes after the last tensor', () => file({ a: F32(0, 4) }, 5), 'tensors end at byte'],
  ['metadata that is no text', () => file({ __metadata__: { a: 1 } }, 0), 'something else than text under "a"'],
  ['metadata that is no object', () => file({ __metadata__: ['a'] }, 0), 'is no object'],
  ['a description that is no object', () => file({ a: 1 }, 0), 'is no object'],
])('%s is SAFETENSORS_CORRUPT', (_, make, text) => {
  const path = make();
  const error = refusal(() => safetensors.load(path));
  expect(error.message).toContain(text);
  expect(error.message).toContain(path);
  expect(error.code).toBe('SAFETENSORS_CORRUPT');
});

test('every shorter piece of a file is SAFETENSORS_CORRUPT', () => {
  const whole = readFileSync(fixture('all.safetensors'));
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(at('cut'), whole.subarray(0, length));
    expect(refusal(() => safetensors.load(at('cut'))).code).toBe('SAFETENSORS_CORRUPT');
  }
});

test('a file that is not there is FILE_ACCESS', () => {
  expect(refusal(() => safetensors.load(at('nowhere'))).code).toBe('FILE_ACCESS');
  expect(refusal(() => safetensors.load(folder)).code).toBe('FILE_ACCESS');
  expect(refusal(() => safetensors.save(at('no/folder'), {})).code).toBe('FILE_ACCESS');
});

test('what the format cannot hold is refused before a file is made', () => {
  const x = torch.ones([1]);
  expect(refusal(() => safetensors.save(at('bad'), { x: x.to('complex128') })).code).toBe('ARGUMENT');
  expect(refusal(() => safetensors.save(at('bad'), { __metadata__: x })).code).toBe('ARGUMENT');
  expect(refusal(() => safetensors.save(at('bad'), { x: 1 as never })).code).toBe('ARGUMENT');
  expect(refusal(() => safetensors.save(at('bad'), { x }, { epoch: 1 as never })).code).toBe('ARGUMENT');
  x.dispose();
  expect(refusal(() => safetensors.save(at('bad'), { x })).code).toBe('TENSOR_DISPOSED');
  expect(readdirSync(folder)).not.toContain('bad');
});

test('a write that fails leaves the old file and nothing half-written', () => {
  writeFileSync(at('kept'), 'old');
  const failing = () =>
    atomicWrite(at('kept'), (handle) => {
      writeAll(handle, Buffer.from('new'));
      throw new Error('stopped');
    });
  expect(failing).toThrow('stopped');
  expect(readFileSync(at('kept'), 'utf8')).toBe('old');
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
});

test.runIf(process.platform === 'linux')('a full disk is DISK_FULL', () => {
  const full = openSync('/dev/full', 'w'); // the kernel's own ENOSPC
  const error = refusal(() => atomicWrite(at('full'), () => writeAll(full, Buffer.alloc(8))));
  closeSync(full);
  expect(error.code).toBe('DISK_FULL');
  expect(error.message).toContain(at('full'));
  expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual([]);
});

test('rows that will be needed are a hint, which changes nothing; rows that are not there are refused', () => {
  torch.scope(() => {
    const path = at('rows.safetensors');
    const images = torch.arange(7 * 5000, { dtype: 'int64' }).view([7, 5000]);
    safetensors.save(path, { images });
    const { images: mapped } = safetensors.load(path).tensors;
    torch.willNeed(mapped!, torch.tensor([6, 0, 3, 3], { dtype: 'int64' }));
    torch.willNeed(images, torch.tensor([1], { dtype: 'int64' })); // one that no file stands behind
    expect(mapped!.eq(images).all().item()).toBe(1);
    for (const row of [7, -1]) {
      expect(() => torch.willNeed(mapped!, torch.tensor([row], { dtype: 'int64' }))).toThrow(
        `row ${row} is not among the 7`,
      );
    }
    expect(() => torch.willNeed(mapped!.t(), torch.tensor([1], { dtype: 'int64' }))).toThrow('contiguous');
    expect(() => torch.willNeed(mapped!, torch.tensor([1]))).toThrow('int64');
  });
});
