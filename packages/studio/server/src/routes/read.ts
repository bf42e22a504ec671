/** @file What a request carries, checked: bodies by a schema, numbers in addresses. */
import type { Context } from 'hono';
import { z } from 'zod';
import { Refusal } from '../refusal.js';

/** @throws Refusal BAD_REQUEST naming each problem */
export async function bodyOf<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  let body: unknown;
  try {
    body = JSON.parse(await c.req.text());
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('BAD_REQUEST', 'the body is no JSON');
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new Refusal('BAD_REQUEST', problems.join('; '));
}

export const person = z.string().trim().min(1).max(80);
export const imageId = z.number().int().min(0);
export const classId = z.number().int().min(0);

/** A whole number in decimal digits, and nothing else. @throws Refusal NOT_FOUND */
export const idOf = (c: Context, count: number): number => idIn(c.req.param('id') ?? '', count);

/** As `idOf`, of one text. @throws Refusal NOT_FOUND */
export function idIn(text: string, count: number): number {
  const id = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(id < count)) throw new Refusal('NOT_FOUND', `there is no image ${text.slice(0, 40)}`);
  return id;
}

/** @throws Refusal BAD_REQUEST */
export function numberIn(
  c: Context,
  name: string,
  { fallback, least, most }: { fallback: number; least: number; most: number },
): number {
  const text = c.req.query(name);
  if (text === undefined) return fallback;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new Refusal('BAD_REQUEST', `${name} is a whole number from ${least} to ${most}`);
  return value;
}
