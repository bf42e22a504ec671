/**
 * @file Python's pickles, read without running code: names that are not on the caller's list are refused before anything is
 * called, and every function on the list is one of ours.
 *
 *   None null · bool · int number, bigint beyond 2^53 · float number · str string · bytes, bytearray Uint8Array (shared with
 *   the input) · Python 2's str string, one character a byte · list, tuple array · dict Map · set, frozenset Set
 */
import { tooLarge } from './pickle-limits.js';
import { PickleMachine, type PickleOptions } from './pickle-machine.js';
import { OPCODE_TABLE } from './pickle-opcodes.js';

export { type PickleFunction, PickleGlobal, type PickleOptions, setState } from './pickle-machine.js';

const STOP = 0x2e;

/** @throws TorchError PICKLE_FORBIDDEN naming what is not allowed, PICKLE_CORRUPT with the place */
export function unpickle(bytes: Uint8Array, options: PickleOptions = {}): unknown {
  return unpickleNext(bytes, 0, options).value;
}

/** One of several pickles that lie behind each other; `end` is where the next one starts. @throws as `unpickle` */
export function unpickleNext(
  bytes: Uint8Array,
  start: number,
  options: PickleOptions,
): { value: unknown; end: number } {
  const machine = new PickleMachine(bytes, options, start);
  const { reader } = machine;
  for (let code = reader.uint8(); code !== STOP; code = reader.uint8()) {
    const opcode = OPCODE_TABLE[code];
    if (opcode === undefined) throw reader.corrupt(`byte ${code} is no instruction`);
    opcode(machine);
  }
  const value = machine.pop();
  const wrong = tooLarge(value);
  if (wrong !== null) throw reader.corrupt(wrong);
  return { value, end: reader.position };
}
