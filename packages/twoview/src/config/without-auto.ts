/** @file Settings in which each `auto` is replaced by what is known: by the run itself if it is resumed, else by what was found. */

/** A value recorded in the run wins over a new one; what neither knows stays `auto`. */
export function withoutAuto<Config extends Record<string, unknown>>(
  config: Config,
  recorded: Record<string, unknown>,
  found: Partial<Config>,
): Config {
  const resolved: Record<string, unknown> = { ...config };
  for (const [key, value] of Object.entries(config)) {
    if (value !== 'auto') continue;
    const known = recorded[key];
    resolved[key] = known === undefined || known === 'auto' ? (found[key] ?? 'auto') : known;
  }
  return resolved as Config;
}
