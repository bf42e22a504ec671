/** @file From what was written to settings that hold: all problems at once, each with its path and the closest match. */
import { z } from 'zod';
import { TwoviewError } from '../errors.js';
import { accepted, core } from './accepted.js';
import { closest } from './closest.js';

/**
 * @param where where the settings come from, for the message
 * @throws TwoviewError CONFIG_INVALID listing every problem
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  input: unknown,
  where = 'settings',
): z.output<Schema> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => explain(schema, issue));
  throw new TwoviewError('CONFIG_INVALID', {
    what: problems.length === 1 ? problems[0]! : `${problems.length} settings are wrong:\n  ${problems.join('\n  ')}`,
    where,
    next: ['--help  lists all settings with their defaults'],
  });
}

function explain(schema: z.ZodObject, issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(objectAt(schema, issue.path)?.shape ?? {});
    return issue.keys.map((key) => {
      const near = closest(key, known);
      return `there is no setting ${[...issue.path, key].join('.')}${near === null ? '' : `; did you mean ${[...issue.path, near].join('.')}?`}`;
    });
  }
  // An own sentence: of a check that the schema itself has no words for.
  if (issue.code === 'custom' || issue.code === 'invalid_format') return [`${path}: ${issue.message}`];
  if (issue.input === undefined) return [`${path} is missing`];
  const field = fieldAt(schema, issue.path);
  if (field === null) return [`${path}: ${issue.message}`];
  const { accepts, choices } = accepted(field);
  return [
    `${path} must be ${choices.length > 1 ? 'one of ' : ''}${accepts.replaceAll('`', '')}, not ${JSON.stringify(issue.input)}`,
  ];
}

/** Of a place in a list, the schema of what is in it. */
function fieldAt(schema: z.ZodObject, path: readonly PropertyKey[]): z.core.$ZodType | null {
  const named = path.findLastIndex((key) => typeof key === 'string');
  const field = objectAt(schema, path.slice(0, named))?.shape[String(path[named])];
  if (field === undefined) return null;
  const inner = core(field);
  const options = inner instanceof z.ZodUnion ? inner.options : [inner];
  const list = options.find((option): option is z.ZodArray => option instanceof z.ZodArray);
  return named < path.length - 1 && list !== undefined ? core(list.element) : inner;
}

function objectAt(schema: z.ZodObject, path: readonly PropertyKey[]): z.ZodObject | null {
  let at: unknown = schema;
  for (const key of path) {
    at = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject ? at.shape[String(key)] : undefined;
    if (at instanceof z.ZodType) at = core(at);
  }
  return at instanceof z.ZodObject ? at : null;
}
