/** @file What the restricted unpickler reads, and what it refuses. Fixtures: scripts/make-io-fixtures.py. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NumpyArray } from '../src/io/pth/numpy-array.js';
import { containerGlobals, numpyGlobals } from '../src/io/pth/numpy-globals.js';
import { unpickle, unpickleNext } from '../src/io/pth/pickle.js';

const PROTOCOLS = ['0', '1', '2', '3', '4', '5'];
const fixtures = JSON.parse(readFileSync(new URL('./fixtures/io/pickles.json', import.meta.url), 'utf8'));
const decode = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const described = (value: unknown): unknown =>
  value instanceof NumpyArray
    ? { dtype: value.dtype, shape: value.shape, data: Buffer.from(value.data).toString('base64') }
    : value;

function refusal(read: () => unknown): { code?: string; message: string } {
  try {
    read();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('nothing was thrown');
}

test.each(PROTOCOLS)('protocol %s gives the values that Python wrote', (protocol) => {
  const value = unpickle(decode(fixtures.values[protocol])) as Map<string, unknown>;
  const nested = new Map([['a', [new Map([['b', []]])]]]);
  expect([...value]).toEqual([
    ['none', null],
    ['yes', true],
    ['no', false],
    ['small', 7],
    ['byte', 255],
    ['short', 65535],
    ['int', -(2 ** 31)],
    ['long', 2 ** 53 - 1],
    ['huge', -(2n ** 70n)],
    ['float', 0.1],
    ['minus', -1.5e300],
    ['text', 'Grüße \u{1f600}\n'],
    ['tuple', [1, [2, 3], [], [4], [5, 6, 7, 8]]],
    ['list', Array.from({ length: 300 }, (_, i) => i)],
    ['nested', nested],
    ['shared', [nested, nested]],
  ]);
  const [first, second] = value.get('shared') as unknown[];
  expect(first).toBe(second);
});

test.each(PROTOCOLS)('protocol %s gives bytes, sets and ordered dicts', (protocol) => {
  const globals = containerGlobals;
  expect(unpickle(decode(fixtures.bytes[protocol]), { globals })).toEqual(
    Uint8Array.from({ length: 256 }, (_, i) => i),
  );
  expect(unpickle(decode(fixtures.sets[protocol]), { globals })).toEqual([new Set([1, 2]), new Set([3])]);
  expect([...(unpickle(decode(fixtures.ordered[protocol]), { globals }) as Map<string, number>)]).toEqual([
    ['z', 1],
    ['a', 2],
  ]);
});

test.each(PROTOCOLS)('protocol %s gives numpy arrays as little-endian rows, and scalars as numbers', (protocol) => {
  const value = unpickle(decode(fixtures.arrays[protocol]), { globals: numpyGlobals }) as Map<string, unknown>;
  expect(Object.fromEntries([...value].map(([key, array]) => [key, described(array)]))).toEqual(
    fixtures.expected.arrays,
  );
});

test("a CIFAR batch of Python 2 is read: text as strings, the array's bytes as they are", () => {
  const batch = unpickle(decode(fixtures.cifar), { globals: numpyGlobals }) as Map<string, unknown>;
  expect(batch.get('batch_label')).toBe('training batch 1 of 5');
  expect(batch.get('labels')).toEqual([6, 9]);
  expect(batch.get('filenames')).toEqual(['a.png', 'a.png']);
  expect(described(batch.get('data'))).toEqual({ dtype: 'uint8', shape: [2, 3072], data: fixtures.expected.cifar });
});

test('special floats, quoted text and booleans of protocol 0 are read', () => {
  expect(unpickle(ascii('(lFinf\naF-inf\naFnan\naI01\naI00\naI-3\naL12L\na.'))).toEqual([
    Infinity,
    -Infinity,
    NaN,
    true,
    false,
    -3,
    12,
  ]);
  expect(unpickle(ascii("S'a\\x41\\n\\\\\\''\n."))).toBe("aA\n\\'");
  expect(unpickle(ascii('V\\u00fc\\U0001f600\n.'))).toBe('ü\u{1f600}');
});

test.each(Object.keys(fixtures.hostile))('%s is refused by name, and nothing is called', (name) => {
  const error = refusal(() => unpickle(decode(fixtures.hostile[name]), { globals: numpyGlobals }));
  expect(error.code).toBe('PICKLE_FORBIDDEN');
  expect(error.message).toContain(`wants to call ${name},`);
});

test.each([
  ['GLOBAL', 'cos\nsystem\n.'],
  ['INST', '(S"x"\nios\nsystem\n.'],
  ['OBJ', '(cos\nsystem\no.'],
  ['STACK_GLOBAL', '\x8c\x02os\x8c\x06system\x93.'],
  ['a name that every object has', 'cconstructor\nprototype\n.'],
  ['__proto__', 'c__proto__\n__proto__\n.'],
])('a name that is not on the list is refused by every way to name it: %s', (_, text) => {
  expect(refusal(() => unpickle(ascii(text))).code).toBe('PICKLE_FORBIDDEN');
});

test.each([
  ['an empty file', ''],
  ['garbage', 'hello world'],
  ['a future protocol', '\x80\x06N.'],
  ['an extension code', '\x82\x01.'],
  ['a buffer out of band', '\x97.'],
  ['an announced length of 4 GB', 'X\xff\xff\xff\xff.'],
  ['an announced length of 16 EB', '\x8e\xff\xff\xff\xff\xff\xff\xff\xff.'],
  ['a number of 4 GB', '\x8b\xff\xff\xff\xff.'],
  ['a number of a million digits', `L${'9'.repeat(1e6)}L\n.`],
  ['a reference to nothing', 'h\x05.'],
  ['a pop from nothing', '0.'],
  ['a pop through a mark', 'N(a.'],
  ['a list without a start', 'NNl.'],
  ['items for a number', 'K\x01K\x02a.'],
  ['an odd dict', '}(NNNu.'],
  ['a state for a list', ']Nb.'],
  ['a call of a number', 'K\x01)R.'],
  ['data outside of itself', "S'key'\nQ."],
  ['a list that contains itself', ']q\x00h\x00a.'],
  ['a dict that contains itself', '}q\x00K\x01h\x00s.'],
])('%s is PICKLE_CORRUPT', (_, text) => {
  expect(refusal(() => unpickle(ascii(text))).code).toBe('PICKLE_CORRUPT');
});

test('a list of references to lists of references is refused before anyone walks through it', () => {
  const laughs = `]q\x00${Array.from({ length: 30 }, (_, i) => `](${`h${String.fromCharCode(i)}`.repeat(10)}eq${String.fromCharCode(i + 1)}`).join('')}.`;
  expect(refusal(() => unpickle(ascii(laughs))).message).toContain('more than 20000000 parts');
});

test('a million nested lists are refused without recursion', () => {
  const error = refusal(() => unpickle(ascii(`${']'.repeat(1e6)}${'a'.repeat(1e6 - 1)}.`)));
  expect(error.message).toContain('100 levels deep');
});

test('a memo index of 4 billion costs nothing', () => {
  expect(unpickle(ascii('Nr\xff\xff\xff\xff0j\xff\xff\xff\xff.'))).toBeNull();
});

test('a numpy array whose bytes do not fill its shape is PICKLE_CORRUPT', () => {
  const bytes = decode(fixtures.cifar);
  const text = Buffer.from(bytes).toString('latin1').replace('K\x02M\x00\x0c\x86', 'K\x02M\x00\x0d\x86');
  expect(refusal(() => unpickle(ascii(text), { globals: numpyGlobals })).message).toContain(
    '[2,3328] uint8 with 6144 bytes',
  );
});

test('an array of Python objects is PICKLE_CORRUPT', () => {
  const text = 'cnumpy\ndtype\n(U\x02O8K\x00K\x01tR.';
  expect(refusal(() => unpickle(ascii(text), { globals: numpyGlobals })).code).toBe('PICKLE_CORRUPT');
});

test('every prefix of a pickle is PICKLE_CORRUPT, never a crash', () => {
  const whole = decode(fixtures.arrays['4']);
  for (let length = 0; length < whole.length; length++) {
    expect(refusal(() => unpickle(whole.subarray(0, length), { globals: numpyGlobals })).code).toBe('PICKLE_CORRUPT');
  }
});

test('a pickle with any one byte changed is read or refused with a code', () => {
  const whole = decode(fixtures.arrays['2']);
  for (let i = 0; i < whole.length; i++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const changed = whole.slice();
      changed[i]! ^= flip;
      try {
        unpickle(changed, { globals: numpyGlobals });
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^PICKLE_(CORRUPT|FORBIDDEN)$/);
      }
    }
  }
});

test('the error says where: the file and the byte', () => {
  expect(refusal(() => unpickle(ascii('NN'), { name: 'data_batch_1' })).message).toContain(
    'where  data_batch_1, byte 2',
  );
});

test('pickles behind each other are read one at a time', () => {
  const both = ascii('K\x01.K\x02.');
  const first = unpickleNext(both, 0, {});
  expect([first.value, unpickleNext(both, first.end, {}).value]).toEqual([1, 2]);
});
