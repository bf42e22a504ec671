/** @file Flags from a schema of settings: `batchSize` becomes --batch-size, `pretrain.epochs` becomes --pretrain.epochs. */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { accepted, core } from '../config/accepted.js';

export interface Setting {
  /** Place in the settings: ['pretrain', 'batchSize']. */
  path: string[];
  flag: string;
  /** `groups` is a list of groups of settings, which only a config file can hold. */
  kind: 'boolean' | 'list' | 'value' | 'text' | 'groups';
  /** Stands for the value in the help: <n>. */
  metavar: string;
  /** The words that may be given, where nothing else may. */
  choices: string[];
  /** What may be given, in words: "a whole number, at least 1, or auto". */
  accepts: string;
  about: string;
  fallback: unknown;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function isList(schema: z.core.$ZodType): boolean {
  const inner = core(schema);
  return inner instanceof z.ZodArray || (inner instanceof z.ZodUnion && inner.options.some(isList));
}

function kindOf(schema: z.core.$ZodType): Setting['kind'] {
  const inner = core(schema);
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodArray && inner.element instanceof z.ZodObject) return 'groups';
  if (inner instanceof z.ZodString) return 'text'; // a folder may be called 2024
  return isList(schema) ? 'list' : 'value';
}

/** All settings, those inside of groups with their path. */
export function settingsOf(schema: z.ZodObject, path: string[] = []): Setting[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    if ((field as z.ZodType).meta()?.recorded === true) return []; // no setting: what a run records
    const inner = core(field);
    const here = [...path, key];
    if (inner instanceof z.ZodObject) return settingsOf(inner, here);
    const { metavar, choices, accepts } = accepted(inner);
    return [
      {
        path: here,
        flag: here.map(kebab).join('.'),
        kind: kindOf(field),
        metavar: metavar ?? kebab(key).split('-').at(-1)!,
        choices,
        accepts,
        about: (field as z.ZodType).description ?? '',
        fallback: field instanceof z.ZodDefault ? field.def.defaultValue : undefined,
      },
    ];
  });
}

function note({ about, fallback, choices, kind }: Setting): string {
  if (fallback === undefined) return `${about} (required)`;
  if (fallback === '' || fallback === false || (Array.isArray(fallback) && fallback.length === 0)) return about;
  if (kind === 'list' || choices.length === 0) return `${about} (default ${fallback})`;
  return `${about} (default ${fallback}; or ${choices.filter((choice) => choice !== String(fallback)).join(', ')})`;
}

/** Settings of groups are listed under headings of their own, after the command's own settings. */
export function addFlags(command: Command, settings: readonly Setting[]): void {
  const isOwn = ({ path }: Setting) => path.length === 1;
  const flags = settings.filter(({ kind }) => kind !== 'groups');
  for (const setting of [...flags.filter(isOwn), ...flags.filter((one) => !isOwn(one))]) {
    if (!isOwn(setting)) command.optionsGroup(`Settings of ${setting.path[0]}:`);
    if (setting.kind === 'boolean' && setting.fallback === true) {
      command.addOption(new Option(`--no-${setting.flag}`, `do not ${setting.about}`));
    } else {
      const value = setting.kind === 'boolean' ? '' : ` <${setting.metavar}>`;
      command.addOption(new Option(`--${setting.flag}${value}`, note(setting)));
    }
  }
  command.optionsGroup('Options:');
}

const literal = (text: string): unknown => (text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text);

/** Puts the given flags into nested settings; a flag that was not given leaves what is there. */
export function readFlags(
  settings: readonly Setting[],
  values: Record<string, unknown>,
  into: Record<string, unknown>,
): Record<string, unknown> {
  const result = structuredClone(into);
  for (const { path, flag, kind } of settings) {
    const given = values[flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    if (given === undefined) continue;
    let at = result;
    for (const key of path.slice(0, -1)) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    const text = String(given);
    const list = () => text.split(',').map((part) => literal(part.trim()));
    at[path.at(-1)!] =
      kind === 'boolean' ? given : kind === 'text' ? text : kind === 'list' && text !== 'auto' ? list() : literal(text);
  }
  return result;
}
