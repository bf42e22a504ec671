/** @file What a job makes and must free however it ends: a small DisposableStack, which Node 20 lacks. */

export class Owned implements Disposable {
  readonly #things: { dispose(): void }[] = [];

  /** Takes a thing over. @returns the same thing */
  add<Thing extends { dispose(): void }>(thing: Thing): Thing {
    this.#things.push(thing);
    return thing;
  }

  /** Frees everything, the newest first. */
  [Symbol.dispose](): void {
    for (const thing of this.#things.splice(0).reverse()) thing.dispose();
  }
}
