/** @file A JSON file of a run, or the error that names it. */
import { readFileSync } from 'node:fs';
import { fileError } from '@twoview/torch';
import { TwoviewError } from '../errors.js';

/** @throws TwoviewError RUN_CORRUPT; TorchError FILE_ACCESS */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(file, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, error);
  }
}

export const damaged = (file: string, cause: unknown): TwoviewError =>
  new TwoviewError('RUN_CORRUPT', {
    what: `this file of a run is damaged: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}`,
    where: file,
    next: ['restore it from a copy, or run the job again into another folder'],
    cause,
  });
