/** @file The images of a run as a table: what people labelled, and never an image of the exam but as its test part. */
import { writeFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import type { RunCommand } from '../api.js';
import type { Project } from '../project/project.js';
import { Refusal } from '../refusal.js';

/**
 * @returns the file
 * @throws Refusal NOT_YET for sets that are not made of files, BAD_REQUEST without labels
 */
export function writeRunTable({ images, table, classes, exam }: Project, command: RunCommand, file: string): string {
  if (images.some(({ path }) => path === null))
    throw new Refusal('NOT_YET', 'training with the labels of the studio needs a source of image files');
  const names = classes.all.map(({ name }) => name);
  const answers = new Map(exam.answers().map((one) => [one.image, one.class]));
  const rows: string[][] = [];
  for (const { id, real, part, ignored } of images) {
    if (real === null || ignored !== null) continue;
    const answer = answers.get(id);
    if (answer === null) continue; // of the exam, and not answered
    const label = answer ?? table.label[id]!;
    const tested = answer !== undefined || (part === 'test' && answers.size === 0);
    if (part === 'test' && !tested) continue; // neither learned from nor asked
    if (label < 0 && (tested || command === 'finetune')) continue;
    rows.push([real, names[label] ?? '', tested ? 'test' : part]);
  }
  if (!rows.some(([, label, part]) => label !== '' && part === 'train'))
    throw new Refusal('BAD_REQUEST', 'no training image has a label yet', 'label some images first');
  writeFileSync(file, stringify([['path', 'label', 'part'], ...rows]));
  return file;
}
