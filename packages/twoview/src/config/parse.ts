/** @file From what was written to settings that hold: all problems at once, each with its path and the closest match. */
import { z } from 'zod';
import { TwoviewError } from '../errors.js';
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
  const result = schema.safeParse(input);
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
  if (issue.code === 'invalid_type' && issue.input === undefined) return [`${path} is missing`];
  if (issue.code === 'invalid_value') return [`${path} must be one of ${issue.values.join(', ')}`];
  return [`${path}: ${issue.message}`];
}

function objectAt(schema: z.ZodObject, path: readonly PropertyKey[]): z.ZodObject | null {
  let at: unknown = schema;
  for (const key of path) {
    at = at instanceof z.ZodArray ? at.element : at instanceof z.ZodObject ? at.shape[String(key)] : undefined;
    if (at instanceof z.ZodPrefault || at instanceof z.ZodDefault) at = at.unwrap();
  }
  return at instanceof z.ZodObject ? at : null;
}
