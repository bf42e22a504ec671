/** @file Modules one after another, under the keys 0, 1, 2, ... or given names. */
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

export class Sequential extends Module {
  readonly layers: readonly Module[];

  /** @param layers a list, or an object whose keys become the names */
  constructor(layers: readonly Module[] | Record<string, Module>) {
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
