/** @file The one selection that all views share: some images, and one of them that is looked at. */

class Selection {
  /** Images that a label or a filter applies to. */
  ids = $state.raw<ReadonlySet<number>>(new Set());
  /** The image that is looked at; -1 for none. */
  current = $state(-1);
  /** Whether it is shown large. */
  large = $state(false);

  only(id: number): void {
    this.current = id;
    this.ids = new Set(id < 0 ? [] : [id]);
  }
  set(ids: Iterable<number>): void {
    this.ids = new Set(ids);
  }
  toggle(id: number): void {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.ids = next;
    this.current = id;
  }
  clear(): void {
    this.ids = new Set();
  }
  open(id: number): void {
    this.current = id;
    if (!this.ids.has(id)) this.ids = new Set([id]);
    this.large = true;
  }
}

export const selection = new Selection();
