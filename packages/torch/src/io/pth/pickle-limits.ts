/**
 * @file The size of a value as whoever walks through it sees it. A pickle of a kilobyte can hold a list of ten references to
 * a list of ten references and so on: small in memory, endless to print, copy or search. Such values and cycles are refused.
 */

const DEEPEST = 100;
/** CIFAR's lists have 10,000 entries, a large checkpoint some thousands. */
const MOST = 20_000_000;

interface Visit {
  children: Iterator<unknown>;
  container: object;
  size: number;
}

/** Walks without recursion. @returns what is wrong, or null */
export function tooLarge(root: unknown): string | null {
  const sizes = new Map<object, number>(); // of finished containers, so that a shared one is walked once and counted often
  const open = new Set<object>();
  const path: Visit[] = [];
  const enter = (container: object): void => {
    open.add(container);
    path.push({ children: childrenOf(container), container, size: 1 });
  };
  if (isContainer(root)) enter(root);
  while (path.length > 0) {
    if (path.length > DEEPEST) return `it is nested more than ${DEEPEST} levels deep`;
    const visit = path.at(-1)!;
    const next = visit.children.next();
    if (next.done) {
      path.pop();
      open.delete(visit.container);
      sizes.set(visit.container, visit.size);
      const parent = path.at(-1);
      if (parent !== undefined) parent.size += visit.size;
      if (visit.size > MOST) return `written out, it has more than ${MOST} parts`;
    } else if (!isContainer(next.value)) visit.size += 1;
    else if (open.has(next.value)) return 'it contains itself';
    else {
      const known = sizes.get(next.value);
      if (known === undefined) enter(next.value);
      else visit.size += known;
    }
  }
  return null;
}

type Container = unknown[] | Map<unknown, unknown> | Set<unknown>;

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || value instanceof Map || value instanceof Set;
}

function* childrenOf(container: object): Generator<unknown> {
  if (container instanceof Map) {
    for (const [key, value] of container) {
      yield key;
      yield value;
    }
  } else yield* container as unknown[] | Set<unknown>;
}
