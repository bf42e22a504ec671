/**
 * @file Under which names the tensors of a network stand in a file of another program: behind the one prefix under which all of
 * them are (`module.`, `backbone.`, `state_dict.module.encoder_q.`, ...), or numbered, as lightly's Sequential has them.
 */

/** Names of parts of networks that follow another one by a running mean; where both fit, the other is meant. */
const FOLLOWERS = /(^|[._])(encoder_k|momentum\w*|target\w*|ema|state_dict_ema|model_ema|average|key_encoder)([._]|$)/;

interface Naming {
  about: string | null;
  rename(key: string): string;
}

/** A ResNet's parts in the order of torchvision's constructor, and of lightly's, which has no layers without weights. */
const numbered = (parts: Record<string, number>): Naming => ({
  about: 'numbered as in a Sequential',
  rename: (key) => key.replace(/^[^.]+/, (part) => String(parts[part] ?? part)),
});
const NAMINGS: Naming[] = [
  { about: null, rename: (key) => key },
  numbered({ conv1: 0, bn1: 1, layer1: 4, layer2: 5, layer3: 6, layer4: 7 }),
  numbered({ conv1: 0, bn1: 1, layer1: 2, layer2: 3, layer3: 4, layer4: 5 }),
];

export interface Fit {
  /** What stands before every key of the network; may be empty. */
  prefix: string;
  /** In words, where keys are called otherwise. */
  naming: string | null;
  /** The file's name of a tensor by the network's. */
  nameOf(key: string): string;
  /** Keys of the network that are not there. */
  missing: string[];
  /** Other prefixes under which all keys are. */
  others: string[];
}

/**
 * @param keys of the network @param names of the file
 * @returns the way to name them that finds all keys; else the one that finds most
 */
export function fitNames(keys: readonly string[], names: readonly string[]): Fit {
  const known = new Set(names);
  const fits = NAMINGS.flatMap(({ about, rename }) => {
    const first = rename(keys[0]!);
    const prefixes = names
      .filter((name) => name === first || name.endsWith(`.${first}`))
      .map((name) => name.slice(0, name.length - first.length));
    return prefixes.map((prefix) => {
      const nameOf = (key: string) => prefix + rename(key);
      return { prefix, naming: about, nameOf, missing: keys.filter((key) => !known.has(nameOf(key))) };
    });
  });
  const order = (fit: (typeof fits)[number]) => [
    fit.missing.length,
    FOLLOWERS.test(fit.prefix) ? 1 : 0,
    fit.prefix.length,
  ];
  fits.sort((a, b) => {
    const [x, y] = [order(a), order(b)];
    const i = x.findIndex((value, k) => value !== y[k]);
    return i < 0 ? 0 : x[i]! - y[i]!;
  });
  const [best, ...rest] = fits;
  if (best === undefined) return { prefix: '', naming: null, nameOf: (key) => key, missing: [...keys], others: [] };
  return { ...best, others: rest.filter(({ missing }) => missing.length === 0).map(({ prefix }) => prefix) };
}

/** Names by what stands before their first dot behind what all of them share: `encoder_k (102), queue`. */
export function byKind(names: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const parts = name.split('.');
    const kind = parts.slice(0, Math.max(1, parts.findIndex((part) => !CONTAINERS.has(part)) + 1)).join('.');
    groups.set(kind, [...(groups.get(kind) ?? []), name]);
  }
  return [...groups].map(([kind, list]) => (list.length > 2 ? `${kind} (${list.length})` : list.join(', '))).join(', ');
}

const CONTAINERS = new Set(['state_dict', 'model_state_dict', 'module', 'model', 'optimizer', 'optimizer_states', '0']);
