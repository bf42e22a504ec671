/** @file The course of a pre-training as maps, read from a file in its folder: a line a map, as `addToCourse` writes them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const courseFile = (run: string): string => join(run, 'course.jsonl');

/** In one answer: more would take the server long enough to be noticed, and an eye sees no more. */
const MOST = 200;

/** @returns `RunCourse` as JSON */
export async function readRunCourse(run: string): Promise<string> {
  const text = await readFile(courseFile(run), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const every = Math.ceil(lines.length / MOST);
  const some = lines.filter((_, i) => i % every === 0 || i === lines.length - 1);
  return `{"maps":[${some.join(',')}]}`;
}
