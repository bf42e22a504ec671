/** @file Modules in a row or in a list, under the keys 0, 1, 2, ... or given names. */
import { TorchError } from '../error.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type Layer, Module } from './module.js';

export class Sequential extends Module {
  readonly layers: readonly Layer[];

  /** @param layers a list, or an object whose keys become the names */
  constructor(layers: readonly Layer[] | Record<string, Layer>) {
    super();
    this.layers = Object.entries(layers).map(([name, layer]) => this.child(name, layer));
  }

  forward(x: Tensor): Tensor {
    return inTurn(
      x,
      this.layers.map((layer) => (value: Tensor) => layer.forward(value)),
    );
  }
}

/** Modules under the keys 0, 1, 2, ..., which somebody else calls: `for (const block of this.blocks) x = block.forward(x)`. */
export class ModuleList<M extends Module = Module> extends Module {
  readonly list: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    for (const module of modules) this.append(module);
  }

  append(module: M): this {
    this.list.push(this.child(String(this.list.length), module));
    return this;
  }

  /** The one at a place; negative ones count from the end. */
  at(place: number): M {
    return this.list.at(place)!;
  }

  get length(): number {
    return this.list.length;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.list[Symbol.iterator]();
  }

  forward(): never {
    throw new TorchError('ARGUMENT', 'a ModuleList has no forward of its own', {
      next: ['call its modules one by one, or make it a Sequential'],
    });
  }
}

/**
 * Applies functions one after another, and frees what each made as soon as the next has used it: without gradients, memory does
 * not grow with depth. Where gradients are recorded, autograd holds what it needs.
 */
export function inTurn(x: Tensor, layers: readonly ((x: Tensor) => Tensor)[]): Tensor {
  return layers.reduce((value, layer) => {
    const next = scope(() => layer(value));
    if (value !== x && value !== next) value.dispose();
    return next;
  }, x);
}
