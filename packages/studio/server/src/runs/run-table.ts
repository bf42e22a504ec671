/** @file The images of a run: what people labelled, and never an image of the exam but as its test part. */
import { writeFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import type { Part, RunCommand } from '../api.js';
import type { Project } from '../project/project.js';
import { Refusal } from '../refusal.js';
import type { Place } from '../source/found-images.js';

interface RunImage {
  id: number;
  /** Number of its class; -1 where it is not known. */
  label: number;
  part: Part;
}

/** Where a run has its images from: a table of files, or rows of a set that is not made of files. */
export interface RunRows {
  classes: string[];
  rows: { from: Place; label: number; part: Part }[];
}

/** @returns the file @throws Refusal BAD_REQUEST without labels */
export function writeRunTable(project: Project, command: RunCommand, file: string): string {
  const names = classNames(project);
  const rows = imagesOfRun(project, command).flatMap(({ id, label, part }) => {
    const { real } = project.images[id]!;
    return real === null ? [] : [[real, names[label] ?? '', part]];
  });
  writeFileSync(file, stringify([['path', 'label', 'part'], ...rows]));
  return file;
}

/** @param places where the set has each image @returns the file @throws Refusal BAD_REQUEST without labels */
export function writeRunRows(
  project: Project,
  command: RunCommand,
  places: ReadonlyMap<number, Place>,
  file: string,
): string {
  const rows = imagesOfRun(project, command).flatMap(({ id, label, part }) => {
    const from = places.get(id);
    return from === undefined ? [] : [{ from, label, part }];
  });
  writeFileSync(file, JSON.stringify({ classes: classNames(project), rows } satisfies RunRows));
  return file;
}

const classNames = ({ classes }: Project): string[] => classes.all.map(({ name }) => name);

function imagesOfRun({ images, table, exam }: Project, command: RunCommand): RunImage[] {
  const answers = new Map(exam.answers().map((one) => [one.image, one.class]));
  const chosen: RunImage[] = [];
  for (const { id, part, ignored } of images) {
    if (ignored !== null) continue;
    const answer = answers.get(id);
    if (answer === null) continue; // of the exam, and not answered
    const label = answer ?? table.label[id]!;
    const tested = answer !== undefined || (part === 'test' && answers.size === 0);
    if (part === 'test' && !tested) continue; // neither learned from nor asked
    if (label < 0 && (tested || command === 'finetune')) continue;
    chosen.push({ id, label, part: tested ? 'test' : part });
  }
  if (!chosen.some(({ label, part }) => label >= 0 && part === 'train'))
    throw new Refusal('BAD_REQUEST', 'no training image has a label yet', 'label some images first');
  return chosen;
}
