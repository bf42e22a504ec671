/** @file Modules one after another, under the keys 0, 1, 2, ... or given names. */
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
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}
