import { expect, test } from 'vitest';
import type { TypedArray } from '../src/bytes.js';
import { type DType, ITEM_SIZE } from '../src/dtype.js';
import * as torch from '../src/index.js';
import { freeEverything } from './leaks.js';

freeEverything();

/** Edge values of each dtype as JavaScript's array has them, and the numbers they stand for. */
const ARRAYS: [DType, TypedArray, (number | bigint)[]][] = [
  ['uint8', Uint8Array.of(0, 1, 255), [0, 1, 255]],
  ['int8', Int8Array.of(-128, 0, 127), [-128, 0, 127]],
  ['int16', Int16Array.of(-32768, 0, 32767), [-32768, 0, 32767]],
  ['uint16', Uint16Array.of(0, 1, 65535), [0, 1, 65535]],
  ['int32', Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1), [-(2 ** 31), 0, 2 ** 31 - 1]],
  ['uint32', Uint32Array.of(0, 1, 2 ** 32 - 1), [0, 1, 2 ** 32 - 1]],
  ['int64', BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 53n), [-(2n ** 63n), 0, 2n ** 53n]],
  ['uint64', BigUint64Array.of(0n, 1n, 2n ** 64n - 1n), [0, 1, 2n ** 64n - 1n]],
  ['float32', Float32Array.of(Math.fround(0.1), -0, Number.NaN), [Math.fround(0.1), -0, Number.NaN]],
  ['float64', Float64Array.of(0.1, 5e-324, Number.NEGATIVE_INFINITY), [0.1, 5e-324, Number.NEGATIVE_INFINITY]],
  ['bool', Uint8Array.of(0, 1, 1), [0, 1, 1]],
  // Bits: 1, -2, the largest; bfloat16 is the upper half of a float32.
  ['float16', Uint16Array.of(0x3c00, 0xc000, 0x7bff), [1, -2, 65504]],
  ['bfloat16', Uint16Array.of(0x3f80, 0xc000, 0x7f7f), [1, -2, 3.3895313892515355e38]],
  ['float8_e5m2', Uint8Array.of(0x3c, 0xc0, 0x7b), [1, -2, 57344]],
  ['float8_e4m3fn', Uint8Array.of(0x38, 0xc0, 0x7e), [1, -2, 448]],
];

test.each(ARRAYS)('%s travels unchanged, there and back', (dtype, array, numbers) => {
  torch.scope(() => {
    const own = ['float8_e5m2', 'float8_e4m3fn'].includes(dtype)
      ? torch.tensor(array).view(dtype as never)
      : torch.tensor(array, { dtype });
    expect(own.dtype).toBe(dtype);
    expect(own.shape).toEqual([3]);
    expect(own.toTypedArray()).toEqual(array);
    expect(own.tolist()).toEqual(numbers);
    expect(array.BYTES_PER_ELEMENT).toBe(ITEM_SIZE[dtype]);
  });
});

test('the dtypes of the table above are all that have a typed array', () => {
  const complex = ['complex64', 'complex128'];
  expect([...ARRAYS.map(([dtype]) => dtype), ...complex].sort()).toEqual(Object.keys(ITEM_SIZE).sort());
  torch.scope(() => {
    const z = torch.ops.complex(torch.tensor([1]), torch.tensor([2]));
    expect(() => z.toTypedArray()).toThrow(expect.objectContaining({ code: 'ARGUMENT' }));
    expect(() => z.toTypedArray()).toThrow(/torch\.ops\.viewAsReal\(x\)/);
    expect(torch.ops.viewAsReal(z).toArray()).toEqual([[1, 2]]);
  });
});

test('the exchange is one copy: neither side sees what the other does afterwards', () => {
  torch.scope(() => {
    const array = Float32Array.of(1, 2);
    const x = torch.tensor(array);
    array[0] = 9;
    const out = x.toTypedArray();
    x.fill_(7);
    expect([[...out], x.tolist()]).toEqual([
      [1, 2],
      [7, 7],
    ]);
  });
});

test('a view into a larger buffer gives its own part, in row-major order whatever the strides', () => {
  torch.scope(() => {
    const part = new Float32Array(Float32Array.of(0, 1, 2, 3, 4, 5, 6).buffer, 4, 6);
    const x = torch.tensor(part, { shape: [2, 3] });
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([...x.t().toTypedArray()]).toEqual([1, 4, 2, 5, 3, 6]);
    const image = torch.arange(8, { dtype: 'float32' }).reshape([1, 2, 2, 2]);
    expect(image.contiguous({ memoryFormat: 'channels_last' }).toTypedArray()).toEqual(image.toTypedArray());
    expect([...x.select(1, 1).toTypedArray()]).toEqual([2, 5]);
  });
});

test('numbers become float32, booleans bool, bigger wishes are kept exactly', () => {
  torch.scope(() => {
    expect(torch.tensor([1, 2]).dtype).toBe('float32');
    expect(torch.tensor([true, false]).dtype).toBe('bool');
    expect(torch.tensor([2 ** 53 - 1], { dtype: 'int64' }).toTypedArray()).toEqual(BigInt64Array.of(2n ** 53n - 1n));
    expect(torch.tensor([0.1], { dtype: 'float64' }).item()).toBe(0.1);
    expect(torch.tensor([1.7], { dtype: 'uint8' }).tolist()).toEqual([1]);
    expect(torch.tensor(5).shape).toEqual([]);
    expect(torch.tensor([]).shape).toEqual([0]);
    expect(torch.tensor([[], []]).shape).toEqual([2, 0]);
  });
});

test('a typed array that does not hold the dtype is converted, or refused where its size says otherwise', () => {
  torch.scope(() => {
    expect(torch.tensor(Int32Array.of(1, 2), { dtype: 'float64' }).toTypedArray()).toEqual(Float64Array.of(1, 2));
    expect(() => torch.tensor(Float32Array.of(1, 2, 3), { shape: [2, 2] })).toThrow(/16 bytes, the data has 12/);
  });
});

test.each([
  [
    'hands its buffer away',
    (f: Float32Array) => void structuredClone(f.buffer, { transfer: [f.buffer as ArrayBuffer] }),
  ],
  ['shrinks its buffer', (f: Float32Array) => (f.buffer as ArrayBuffer & { resize(bytes: number): void }).resize(64)],
])('a shape that %s while it is read is an error', (_, act) => {
  const count = 1 << 20;
  const buffer = new (ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer)(4 * count, {
    maxByteLength: 4 * count,
  });
  const data = new Float32Array(buffer);
  const shape = Object.defineProperty([1, count], 0, {
    get() {
      act(data);
      return 1;
    },
  });
  expect(() => torch.tensor(data, { shape })).toThrow(expect.objectContaining({ code: 'OPERATOR' }));
});
