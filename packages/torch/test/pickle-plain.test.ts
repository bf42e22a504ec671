/** @file What training programs leave beside their tensors is read as plain values. Pickles by CPython 3.11: see the values in the first test. */
import { expect, test } from 'vitest';
import { numpyGlobals } from '../src/io/pth/numpy-globals.js';
import { unpickle } from '../src/io/pth/pickle.js';
import { plainGlobals } from '../src/io/pth/pickle-plain.js';

/** {'c': Counter([3, 6, 6]), 'd': defaultdict(list, a=[1]), 'n': Namespace(lr=.1), 'p': PurePosixPath('/data/x'), 't': timedelta(1), 'q': deque([1, 2]), 'w': 5} */
const PICKLES = {
  2: 'gAJ9cQAoWAEAAABjcQFjY29sbGVjdGlvbnMKQ291bnRlcgpxAn1xAyhLA0sBSwZLAnWFcQRScQVYAQAAAGRxBmNjb2xsZWN0aW9ucwpkZWZhdWx0ZGljdApxB2NfX2J1aWx0aW5fXwpsaXN0CnEIhXEJUnEKWAEAAABhcQtdcQxLAWFzWAEAAABucQ1jYXJncGFyc2UKTmFtZXNwYWNlCnEOKYFxD31xEFgCAAAAbHJxEUc/uZmZmZmZmnNiWAEAAABwcRJjcGF0aGxpYgpQdXJlUG9zaXhQYXRoCnETWAEAAAAvcRRYBAAAAGRhdGFxFVgBAAAAeHEWh3EXUnEYWAEAAAB0cRljZGF0ZXRpbWUKdGltZWRlbHRhCnEaSwFLAEsAh3EbUnEcWAEAAABxcR1jY29sbGVjdGlvbnMKZGVxdWUKcR4pUnEfKEsBSwJlWAEAAAB3cSBLBXUu',
  4: 'gASVFgEAAAAAAAB9lCiMAWOUjAtjb2xsZWN0aW9uc5SMB0NvdW50ZXKUk5R9lChLA0sBSwZLAnWFlFKUjAFklGgCjAtkZWZhdWx0ZGljdJSTlIwIYnVpbHRpbnOUjARsaXN0lJOUhZRSlIwBYZRdlEsBYXOMAW6UjAhhcmdwYXJzZZSMCU5hbWVzcGFjZZSTlCmBlH2UjAJscpRHP7mZmZmZmZpzYowBcJSMB3BhdGhsaWKUjA1QdXJlUG9zaXhQYXRolJOUjAEvlIwEZGF0YZSMAXiUh5RSlIwBdJSMCGRhdGV0aW1llIwJdGltZWRlbHRhlJOUSwFLAEsAh5RSlIwBcZRoAowFZGVxdWWUk5QpUpQoSwFLAmWMAXeUSwV1Lg==',
};
const globals = { ...plainGlobals, ...numpyGlobals };

test.each(Object.entries(PICKLES))('protocol %s', (_, text) => {
  const value = unpickle(new Uint8Array(Buffer.from(text, 'base64')), { globals }) as Map<string, unknown>;
  expect([...value]).toEqual([
    ['c', new Map([[3, 1], [6, 2]])], // biome-ignore format: pairs
    ['d', new Map([['a', [1]]])],
    ['n', new Map()],
    ['p', '/data/x'],
    ['t', null],
    ['q', [1, 2]],
    ['w', 5],
  ]);
});

test('what is not on the list is refused as before, a factory of a defaultdict too', () => {
  const factory = Buffer.from('ccollections\ndefaultdict\n(cos\nsystem\ntR.', 'latin1');
  expect(() => unpickle(new Uint8Array(factory), { globals })).toThrow(
    expect.objectContaining({ code: 'PICKLE_FORBIDDEN' }),
  );
});
