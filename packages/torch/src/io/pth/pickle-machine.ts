/** @file The pickle machine's stack, marks and memo, and the only two ways from a name to a call. No recursion anywhere. */
import { TorchError } from '../../error.js';
import { PickleReader } from './pickle-reader.js';

export type PickleFunction = (...args: unknown[]) => unknown;

/** A method of this name takes the state that Python would give to `__setstate__`. */
export const setState: unique symbol = Symbol('setState');

/** A function or class that the pickle named, and that is on the list. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    readonly call: PickleFunction,
  ) {}
}

export interface PickleOptions {
  /** What the pickle may call, by `module.name`; a class stands for its constructor. */
  globals?: Record<string, PickleFunction>;
  /** Names that stand for a value and are never called, `{ 'torch.float32': 'float32' }`. */
  constants?: Record<string, unknown>;
  /** Resolves what was stored outside of the pickle. */
  persistentLoad?: (id: unknown) => unknown;
  /** The file, for error messages. */
  name?: string;
}

export class PickleMachine {
  readonly reader: PickleReader;
  readonly #options: PickleOptions;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  /** A map, so that a huge index costs nothing. */
  readonly #memo = new Map<number, unknown>();

  constructor(bytes: Uint8Array, options: PickleOptions, start: number) {
    this.reader = new PickleReader(bytes, options.name ?? 'pickle', start);
    this.#options = options;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** @throws PICKLE_CORRUPT where a mark or nothing lies on top */
  pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.reader.corrupt('its stack is empty');
    return this.#stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** All values above the last mark, which goes away. */
  popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.reader.corrupt('a list ends that has no start');
    return this.#stack.splice(mark);
  }

  /** POP also takes a mark away. */
  discard(): void {
    if (this.#marks.length > 0 && this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw this.reader.corrupt(`it refers to object ${index}, which does not exist`);
    this.push(this.#memo.get(index));
  }

  /** @throws PICKLE_FORBIDDEN for a name that is not on the list */
  pushGlobal(name: string): void {
    const { constants = {}, globals = {} } = this.#options;
    if (Object.hasOwn(constants, name)) this.push(constants[name]);
    else if (Object.hasOwn(globals, name)) this.push(new PickleGlobal(name, globals[name]!));
    else throw this.reader.forbidden(name);
  }

  call(target: unknown, args: unknown): void {
    if (!(target instanceof PickleGlobal)) throw this.reader.corrupt('it calls something that is no function');
    if (!Array.isArray(args)) throw this.reader.corrupt(`it calls ${target.name} without a list of arguments`);
    this.push(this.#guarded(target.name, () => target.call(...args)));
  }

  persistent(id: unknown): void {
    const { persistentLoad } = this.#options;
    if (persistentLoad === undefined) throw this.reader.corrupt('it refers to data outside of itself');
    this.push(this.#guarded('persistent_load', () => persistentLoad(id)));
  }

  /** BUILD: attributes of a dict, such as a state dict's _metadata, have no place here and are dropped. */
  build(target: unknown, state: unknown): void {
    if (target instanceof Map) return;
    const apply = typeof target === 'object' && target !== null ? (target as { [setState]?: unknown })[setState] : null;
    if (typeof apply !== 'function') throw this.reader.corrupt('it gives a state to something that takes none');
    this.#guarded('__setstate__', () => apply.call(target, state));
  }

  #guarded(name: string, call: () => unknown): unknown {
    try {
      return call();
    } catch (error) {
      if (error instanceof TorchError && error.code !== 'OPERATOR' && error.code !== 'ARGUMENT') throw error;
      throw this.reader.corrupt(`${name}: ${error instanceof Error ? error.message : String(error)}`, error);
    }
  }
}
