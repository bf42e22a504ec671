/** @file .pth files: what is read, and what is refused. Fixtures: scripts/make-io-fixtures.py. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import * as pth from '../src/io/pth/pth.js';
import { zipEntries } from '../src/io/zip-entries.js';
import { type Member, makeZip } from './make-zip.js';

beforeAll(() => torch.load({ threads: 1 }));

const folder = mkdtempSync(join(tmpdir(), 'pth-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/io/${name}`, import.meta.url));
const expected = JSON.parse(readFileSync(fixture('tensors.json'), 'utf8'));

function described(tensor: torch.Tensor) {
  const array = (tensor.dtype === 'complex64' ? torch.ops.viewAsReal(tensor) : tensor).toTypedArray();
  const { dtype, requiresGrad, strides } = tensor;
  return { dtype, shape: [...tensor.shape], strides, requiresGrad, data: Buffer.from(array.buffer).toString('base64') };
}

function written(bytes: Uint8Array): string {
  writeFileSync(join(folder, 'made.pth'), bytes);
  return join(folder, 'made.pth');
}

/** The members of state-dict.pth, to be changed and zipped again. */
async function members(): Promise<Member[]> {
  const bytes = readFileSync(fixture('state-dict.pth'));
  const entries = [...(await zipEntries(fixture('state-dict.pth'))).values()];
  return entries.map(({ name, begin, bytes: length }) => ({ name, data: bytes.subarray(begin, begin + length) }));
}

async function changed(change: (list: Member[]) => Member[]): Promise<string> {
  return written(makeZip(change(await members())));
}

async function refusal(path: string): Promise<torch.TorchError> {
  const before = torch.liveTensors();
  const error: unknown = await pth.load(path).catch((reason) => reason);
  if (!(error instanceof torch.TorchError)) throw new Error(`not refused: ${path}`);
  expect(torch.liveTensors()).toBe(before); // a refused file leaves no tensors behind
  return error;
}

test.each([
  ['views.pth', true],
  ['views.pth', false],
  ['views-legacy.pth', true],
  ['views-legacy.pth', false],
])('%s has the dtypes, shapes, strides, bits and requires_grad of Python (mmap: %s)', async (name, mmap) => {
  const value = (await pth.load(fixture(name), { mmap })) as Map<string, torch.Tensor>;
  const unsigned = ['uint16', 'uint32', 'uint64']; // the old format cannot hold them
  const wanted = Object.keys(expected.views).filter((key) => name === 'views.pth' || !unsigned.includes(key));
  expect([...value.keys()]).toEqual(wanted);
  for (const [key, tensor] of value) expect(described(tensor), key).toEqual(expected.views[key]);
});

test.each(['views.pth', 'views-legacy.pth'])(
  'tensors of %s that shared memory in Python share it here',
  async (name) => {
    const value = (await pth.load(fixture(name))) as Map<string, torch.Tensor>;
    value.get('base')!.zero_();
    for (const key of ['row', 'part', 'transposed']) expect(value.get(key)!.abs().sum().item(), key).toBe(0);
    expect(value.get('channels_last')!.abs().sum().item()).toBeGreaterThan(0);
  },
);

test('a checkpoint keeps its structure: numbers, tuples, numpy scalars, dtypes, devices, sizes, optimizer state', async () => {
  const value = (await pth.load(fixture('checkpoint.pth'))) as Map<string, unknown>;
  const { state_dict: stateDict, optimizer, ...rest } = Object.fromEntries(value);
  expect(rest).toEqual({
    epoch: 3,
    arch: 'tiny',
    best_acc: 0.5,
    betas: [0.9, 0.999],
    dtype: 'bfloat16',
    size: [3, 4],
    device: 'cuda:1',
  });
  expect(stateDict).toBeInstanceOf(Map);
  const [group] = (optimizer as Map<string, Map<string, unknown>[]>).get('param_groups')!;
  expect([group!.get('lr'), group!.get('momentum'), group!.get('params')]).toEqual([0.1, 0.9, [0, 1, 2, 3, 4]]);
});

test.each(['state-dict.pth', 'checkpoint.pth'])(
  'findStateDict finds the weights of %s under their own names',
  async (name) => {
    const weights = pth.findStateDict(await pth.load(fixture(name)));
    expect(Object.keys(weights)).toEqual(Object.keys(expected.stateDict));
    for (const [key, tensor] of Object.entries(weights))
      expect(described(tensor), key).toEqual(expected.stateDict[key]);
  },
);

test('findStateDict says what a file without weights holds', async () => {
  expect(() => pth.findStateDict(new Map([['epoch', 3]]))).toThrow(
    /no state dict[\s\S]*it holds epoch[\s\S]*STATE_DICT/,
  );
  expect(() => pth.findStateDict([1])).toThrow('it is no dict');
});

test('a pickle that calls the system is refused, and nothing ran', async () => {
  const error = await refusal(fixture('hostile.pth'));
  expect(error.code).toBe('PICKLE_FORBIDDEN');
  expect(error.message).toContain('wants to call posix.system');
  expect(existsSync('/tmp/pwned')).toBe(false);
});

test('a whole module is refused by its name, with the way to save it again', async () => {
  const error = await refusal(fixture('whole-module.pth'));
  expect(error.code).toBe('PICKLE_FORBIDDEN');
  expect(error.message).toContain('torch.nn.modules.container.Sequential');
  expect(error.message).toContain('torch.save(model.state_dict(), path)');
});

test('a TorchScript program, a tar archive and a foreign byte order are PTH_FORMAT', async () => {
  expect((await refusal(fixture('torchscript.pt'))).code).toBe('PTH_FORMAT');
  const tar = Buffer.alloc(1024);
  tar.write('ustar', 257);
  expect((await refusal(written(tar))).code).toBe('PTH_FORMAT');
  const big = (list: Member[]) =>
    list.map((one) => (one.name.endsWith('byteorder') ? { ...one, data: Buffer.from('big') } : one));
  expect((await refusal(await changed(big))).code).toBe('PTH_FORMAT');
});

const isData = ({ name }: Member): boolean => name.endsWith('/data/0');
const withData = (change: Partial<Member>) => (list: Member[]) =>
  list.map((one) => (isData(one) ? { ...one, ...change } : one));
const patchPickle = (from: string, to: string) => (list: Member[]) =>
  list.map((one) => {
    if (!one.name.endsWith('/data.pkl')) return one;
    const text = Buffer.from(one.data).toString('latin1');
    if (!text.includes(from)) throw new Error('the fixture is another than this test thinks');
    return { ...one, data: Buffer.from(text.replace(from, to), 'latin1') };
  });

test('a file that was zipped again is read', async () => {
  expect(Object.keys(pth.findStateDict(await pth.load(await changed((list) => list)))).length).toBe(8);
});

test.each<[string, (list: Member[]) => Member[], string]>([
  ['a wrong checksum', withData({ crc: 1 }), 'do not fit their checksum'],
  ['a compressed member', withData({ method: 8, size: 432 }), 'is compressed'],
  ['a zip bomb', withData({ method: 8, data: Buffer.alloc(10), size: 4e9 }), 'is compressed'],
  ['an encrypted member', withData({ flags: 1 }), 'encrypted'],
  ['a size beyond the file', withData({ size: 3e9 }), 'does not fit into the file'],
  ['a member in place of another', withData({ at: 0 }), 'overlaps'],
  ['a member where none is', withData({ at: 4e9 }), 'has no header'],
  ['a name that leaves the folder', withData({ name: '../../etc/passwd' }), 'invalid relative path'],
  ['an absolute name', withData({ name: '/etc/passwd' }), 'absolute path'],
  ['a member twice', (list) => [...list, list.find(isData)!], 'twice'],
  ['a missing storage', (list) => list.filter((one) => !isData(one)), '/data/0 is missing'],
  ['a storage of another size', withData({ data: Buffer.alloc(12) }), 'has 12 bytes where 108 float32 take 432'],
  ['no pickle', (list) => list.filter((one) => !one.name.endsWith('data.pkl')), 'holds no data.pkl'],
])('%s is refused', async (_, change, text) => {
  const error = await refusal(await changed(change));
  expect(error.message).toContain(text);
  expect(error.code).toMatch(/^(PTH|PICKLE)_CORRUPT$/);
  expect(error.message).toContain(join(folder, 'made.pth'));
});

// The weight [4, 3, 3, 3] of the convolution: offset 0, then its shape and strides, as protocol 2 writes them.
const SHAPE = 'K\x04K\x03K\x03K\x03t';
test.each([
  ['a shape beyond its storage', SHAPE, 'K\x05K\x03K\x03K\x03t'],
  ['a negative dimension', SHAPE, 'J\xff\xff\xff\xffK\x03K\x03K\x03t'],
  ['a dimension that is no number', SHAPE, 'NK\x03K\x03K\x03t'],
  ['a dimension of 2^63', SHAPE, '\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00K\x03K\x03K\x03t'],
  ['more dimensions than strides', SHAPE, 'K\x01K\x04K\x03K\x03K\x03t'],
  ['a storage that is no member', 'X\x01\x00\x00\x000', 'X\x01\x00\x00\x00z'],
  ['a storage with a path as its name', 'X\x01\x00\x00\x000', 'X\x04\x00\x00\x00../0'],
])('%s is PICKLE_CORRUPT', async (_, from, to) => {
  expect((await refusal(await changed(patchPickle(from, to)))).code).toBe('PICKLE_CORRUPT');
});

test.each(['state-dict.pth', 'views-legacy.pth'])('every shorter piece of %s is refused with a code', async (name) => {
  const whole = readFileSync(fixture(name));
  for (let length = 0; length < whole.length; length += 61) {
    expect((await refusal(written(whole.subarray(0, length)))).code, String(length)).toMatch(/^(PTH|PICKLE)_CORRUPT$/);
  }
});

test.each(['state-dict.pth', 'views-legacy.pth'])('%s with any one byte changed is read or refused', async (name) => {
  const whole = readFileSync(fixture(name));
  for (let i = 0; i < whole.length; i += 13) {
    const copy = Buffer.from(whole);
    copy[i]! ^= 0xff;
    const error = await pth.load(written(copy), { mmap: false }).catch((reason) => reason);
    if (error instanceof Error) expect((error as { code?: string }).code, String(i)).toMatch(/^(PTH|PICKLE)_/);
  }
});

test('what is no .pth file at all is PTH_CORRUPT or FILE_ACCESS', async () => {
  expect((await refusal(written(Buffer.from('<html>404</html>')))).message).toContain(
    'neither a zip file nor a pickle',
  );
  expect((await refusal(written(Buffer.of()))).code).toBe('PTH_CORRUPT');
  expect((await refusal(written(Buffer.from('\x80\x02}.', 'latin1')))).message).toContain('not one of torch.save');
  expect((await refusal(join(folder, 'nowhere'))).code).toBe('FILE_ACCESS');
});
