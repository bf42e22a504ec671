/**
 * @file What each byte of a pickle does to the machine, protocols 0 to 5. Source: CPython's Lib/pickletools.py (3.12).
 * Missing on purpose: the extension registry (EXT1, EXT2, EXT4) and buffers out of band.
 */
import type { PickleMachine } from './pickle-machine.js';
import { rawUnicode, unquote } from './pickle-text.js';

type Opcode = (machine: PickleMachine) => void;
const LAST_PROTOCOL = 5;

const OPCODES: Record<string, Opcode> = {
  '\x80': (m) => {
    const protocol = m.reader.uint8();
    if (protocol > LAST_PROTOCOL) throw m.reader.corrupt(`protocol ${protocol} does not exist`);
  },
  '\x95': (m) => {
    m.reader.uint64(); // a frame: only a hint for reading ahead
  },

  // the stack and the memo
  '(': (m) => m.mark(),
  '0': (m) => m.discard(),
  '1': (m) => m.popToMark(),
  '2': (m) => m.push(m.top()),
  p: (m) => m.remember(Number(m.reader.decimal())),
  q: (m) => m.remember(m.reader.uint8()),
  r: (m) => m.remember(m.reader.uint32()),
  '\x94': (m) => m.remember(),
  g: (m) => m.recall(Number(m.reader.decimal())),
  h: (m) => m.recall(m.reader.uint8()),
  j: (m) => m.recall(m.reader.uint32()),

  // constants and numbers
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  F: (m) => m.push(float(m)),
  G: (m) => m.push(m.reader.float64()),
  I: (m) => m.push(integerOrBool(m)),
  J: (m) => m.push(m.reader.int32()),
  K: (m) => m.push(m.reader.uint8()),
  L: (m) => m.push(m.reader.decimal()),
  M: (m) => m.push(m.reader.uint16()),
  '\x8a': (m) => m.push(m.reader.integer(m.reader.uint8())),
  '\x8b': (m) => m.push(m.reader.integer(m.reader.uint32())),

  // text and bytes
  S: (m) => m.push(unquote(m.reader.line()) ?? refuse(m, 'a string without its quotes')),
  T: (m) => m.push(m.reader.latin1(m.reader.uint32())),
  U: (m) => m.push(m.reader.latin1(m.reader.uint8())),
  V: (m) => m.push(rawUnicode(m.reader.line())),
  X: (m) => m.push(m.reader.utf8(m.reader.uint32())),
  '\x8c': (m) => m.push(m.reader.utf8(m.reader.uint8())),
  '\x8d': (m) => m.push(m.reader.utf8(m.reader.uint64())),
  B: (m) => m.push(m.reader.take(m.reader.uint32())),
  C: (m) => m.push(m.reader.take(m.reader.uint8())),
  '\x8e': (m) => m.push(m.reader.take(m.reader.uint64())),
  '\x96': (m) => m.push(m.reader.take(m.reader.uint64())),

  // lists, dicts, sets
  ']': (m) => m.push([]),
  ')': (m) => m.push([]),
  l: (m) => m.push(m.popToMark()),
  t: (m) => m.push(m.popToMark()),
  '\x85': (m) => m.push([m.pop()]),
  '\x86': (m) => m.push([m.pop(), m.pop()].reverse()),
  '\x87': (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()),
  a: (m) => append(m, [m.pop()]),
  e: (m) => append(m, m.popToMark()),
  '}': (m) => m.push(new Map()),
  d: (m) => {
    const items = m.popToMark();
    m.push(new Map());
    setItems(m, items);
  },
  s: (m) => setItems(m, [m.pop(), m.pop()].reverse()),
  u: (m) => setItems(m, m.popToMark()),
  '\x8f': (m) => m.push(new Set()),
  '\x90': (m) => addItems(m, m.popToMark()),
  '\x91': (m) => m.push(new Set(m.popToMark())),

  // names and calls
  c: (m) => m.pushGlobal(`${m.reader.line()}.${m.reader.line()}`),
  '\x93': (m) => {
    const name = m.pop();
    const module = m.pop();
    if (typeof name !== 'string' || typeof module !== 'string') refuse(m, 'a function whose name is no text');
    m.pushGlobal(`${module}.${name}`);
  },
  R: (m) => callWith(m, m.pop()),
  '\x81': (m) => callWith(m, m.pop()),
  '\x92': (m) => {
    const keywords = m.pop();
    if (!(keywords instanceof Map) || keywords.size > 0) refuse(m, 'a call by keywords');
    callWith(m, m.pop());
  },
  i: (m) => {
    const name = `${m.reader.line()}.${m.reader.line()}`;
    const args = m.popToMark();
    m.pushGlobal(name);
    callWith(m, args);
  },
  o: (m) => {
    const [target, ...args] = m.popToMark();
    m.call(target, args);
  },
  b: (m) => {
    const state = m.pop();
    m.build(m.top(), state);
  },
  P: (m) => m.persistent(m.reader.line()),
  Q: (m) => m.persistent(m.pop()),
};

function refuse(m: PickleMachine, what: string): never {
  throw m.reader.corrupt(what);
}

function float(m: PickleMachine): number {
  const text = m.reader.line().trim();
  if (/^-?inf$/.test(text)) return text[0] === '-' ? -Infinity : Infinity;
  const value = Number(text);
  return text === 'nan' || (text !== '' && !Number.isNaN(value)) ? value : refuse(m, 'a line that is no number');
}

/** Protocol 0 and 1 write True and False as the integers 01 and 00. */
function integerOrBool(m: PickleMachine): unknown {
  const start = m.reader.position;
  const text = m.reader.line();
  if (text === '00' || text === '01') return text === '01';
  m.reader.position = start;
  return m.reader.decimal();
}

function callWith(m: PickleMachine, args: unknown): void {
  m.call(m.pop(), args);
}

function append(m: PickleMachine, items: unknown[]): void {
  const list = m.top();
  if (!Array.isArray(list)) refuse(m, 'items for something that is no list');
  for (const item of items) list.push(item); // spreading a long list would overflow the stack
}

function setItems(m: PickleMachine, items: unknown[]): void {
  const dict = m.top();
  if (!(dict instanceof Map) || items.length % 2 !== 0) refuse(m, 'keys and values for something that is no dict');
  for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
}

function addItems(m: PickleMachine, items: unknown[]): void {
  const set = m.top();
  if (!(set instanceof Set)) refuse(m, 'items for something that is no set');
  for (const item of items) set.add(item);
}

/** By byte; undefined where no opcode is. */
export const OPCODE_TABLE: (Opcode | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) => OPCODES[String.fromCharCode(byte)],
);
