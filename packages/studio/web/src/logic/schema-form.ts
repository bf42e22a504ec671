/**
 * @file A form from a JSON schema: which fields there are, and what was typed as settings. Knows the kinds that twoview's settings
 * have: numbers, whole numbers, texts, choices, yes or no, lists, a number or a list or a word ("auto"), and groups of these.
 */
export interface Field {
  /** With dots between a group's name and its field's. */
  path: string;
  kind: 'number' | 'integer' | 'text' | 'choice' | 'boolean' | 'list';
  description: string;
  fallback: unknown;
  /** Of a choice; of a number or a list or a word, the words. */
  choices: string[];
  minimum?: number;
  maximum?: number;
}

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
}

/** @param schema of an object @returns its fields, those of groups behind each other */
export function fieldsOf(schema: object, before = ''): Field[] {
  return Object.entries((schema as Schema).properties ?? {}).flatMap(([name, inner]) => {
    const path = before + name;
    if (inner.properties) return fieldsOf(inner, `${path}.`);
    // A table of free names is for programs: nobody types it.
    return inner.type === 'object' ? [] : [fieldOf(path, inner)];
  });
}

function fieldOf(path: string, schema: Schema): Field {
  const options = schema.anyOf ?? [];
  const words = options.flatMap((option) => option.enum ?? (option.const === undefined ? [] : [option.const]));
  const other = options.find(({ type }) => ['number', 'integer', 'array'].includes(type ?? ''));
  const main = other ?? schema;
  const field: Field = {
    path,
    kind: kindOf(main, options.length > 0 && !other ? words : (schema.enum ?? [])),
    description: schema.description ?? '',
    fallback: schema.default,
    choices: [...(schema.enum ?? []), ...words].map(String),
  };
  if (main.minimum !== undefined) field.minimum = main.minimum;
  if (main.maximum !== undefined) field.maximum = main.maximum;
  return field;
}

function kindOf(schema: Schema, choices: unknown[]): Field['kind'] {
  if (choices.length > 0) return 'choice';
  if (schema.type === 'integer' || schema.type === 'number') return schema.type;
  if (schema.type === 'boolean') return 'boolean';
  return schema.type === 'array' ? 'list' : 'text';
}

/** What stands in the field of a value. */
export const asText = (value: unknown): string =>
  value === undefined || value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value);

/**
 * @param typed text by path; fields that say what they said at first are left out, so that the server's defaults hold
 * @returns settings with groups as objects, and what is wrong by path
 */
export function settingsOf(
  fields: readonly Field[],
  typed: Readonly<Record<string, string>>,
): { settings: Record<string, unknown>; wrong: Record<string, string> } {
  const settings: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const text = typed[field.path]?.trim();
    if (text === undefined || text === asText(field.fallback)) continue;
    const value = parsed(field, text);
    if (value instanceof Error) wrong[field.path] = value.message;
    else put(settings, field.path.split('.'), value);
  }
  return { settings, wrong };
}

function parsed(field: Field, text: string): unknown {
  if (field.kind === 'boolean') return text === 'true';
  if (field.kind === 'text' || field.choices.includes(text)) return text;
  if (field.kind === 'choice') return new Error(`one of ${field.choices.join(', ')}`);
  if (field.kind === 'list')
    return text === ''
      ? []
      : text.split(/\s*,\s*/).map((part) => (part !== '' && Number.isFinite(Number(part)) ? Number(part) : part));
  const value = Number(text);
  if (text === '' || !Number.isFinite(value))
    return new Error(`a number${field.choices.length > 0 ? ` or ${field.choices.join(', ')}` : ''}`);
  if (field.kind === 'integer' && !Number.isInteger(value)) return new Error('a whole number');
  if (field.minimum !== undefined && value < field.minimum) return new Error(`at least ${field.minimum}`);
  if (field.maximum !== undefined && value > field.maximum) return new Error(`at most ${field.maximum}`);
  return value;
}

function put(into: Record<string, unknown>, [name, ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[name!] = value;
    return;
  }
  into[name!] ??= {};
  put(into[name!] as Record<string, unknown>, rest, value);
}
