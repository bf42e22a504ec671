/** @file Labels that are any integers become classes: by the names in the metadata, else named as they are. */
import { wrong } from './safetensors-tensors.js';

/** Beyond 2^53 a bigint. */
export type Label = number | bigint;

export interface LabelNames {
  classes: string[];
  indexOf(label: Label): number;
}

/** @param metadata a JSON list of names, where the file has one @throws TwoviewError DATA_CORRUPT */
export function labelNames(labels: readonly (Label | null)[], metadata: string | undefined, path: string): LabelNames {
  const used = [...new Set(labels)].filter((label) => label !== null).sort((a, b) => (a < b ? -1 : 1));
  if (metadata === undefined) {
    const index = new Map(used.map((label, i) => [label, i]));
    const plain = used.every((label, i) => label === i);
    return {
      classes: used.map((label) => (plain ? `class ${label}` : `${label}`)),
      indexOf: (label) => index.get(label)!,
    };
  }
  const classes = parsed(metadata, path);
  const [least, most] = [used[0] ?? 0, used.at(-1) ?? 0];
  if (least < 0 || most >= classes.length) {
    throw wrong(
      path,
      `labels go from ${least} to ${most}, and the metadata name ${classes.length} classes, 0 to ${classes.length - 1}`,
    );
  }
  return { classes: used.length === 0 ? [] : classes, indexOf: Number };
}

function parsed(text: string, path: string): string[] {
  const refuse = () =>
    wrong(path, `"classes" in its metadata is no JSON list of different names: ${text.slice(0, 80)}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse();
  }
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string' || name === '')) throw refuse();
  if (new Set(value).size < value.length) throw refuse();
  return value as string[];
}
