/** @file twoview data */
import type { Command } from 'commander';
import { dataSchema } from '../../config/data.js';
import { type Named, type Survey, survey } from '../../data/survey.js';
import { writeSurveyPage } from '../../report/survey-page.js';
import { requireNewFile } from '../../runs/new-file.js';
import { table } from '../format.js';
import { defineJob } from '../job-command.js';
import { addSourceArgument } from '../run-argument.js';

const CLASSES = 40;
const PAIRS = 10;

export function define(command: Command): void {
  addSourceArgument(command);
  command.option('--html <file>', 'write a page that shows twins and images of one colour');
  defineJob(command, {
    schema: dataSchema,
    examples: [
      '  twoview data photos/',
      '  twoview data labels.csv --html labels.html   # shows them on a page',
      '  twoview data cifar10 --no-near               # does not look for twins',
    ].join('\n'),
    run: async (config, { io, options }) => {
      const page = options.html ?? null;
      if (page !== null) requireNewFile(page);
      const found = await survey(config, io);
      if (page !== null) await writeSurveyPage(found, { ...config, page }, io);
      return { ...found, page };
    },
    print: surveyLines,
  });
}

const number = (value: number) => (value === 0 ? '' : value.toLocaleString('en'));
const where = ({ part, index, path }: Named) => `${part} ${path ?? `image ${index}`}`;

function surveyLines({
  parts,
  classes,
  twins,
  testTwins,
  plain,
  blurred,
  page,
}: Survey & { page: string | null }): string {
  const shown = [...classes].sort((a, b) => b.train - a.train).slice(0, CLASSES);
  const names = parts.map(({ part }) => part);
  const total = (part: string) => parts.find((one) => one.part === part)!;
  const open = parts.some(({ unlabelled }) => unlabelled > 0) && classes.length > 0;
  const rows = [
    ['class', ...names],
    ...shown.map((one) => [one.name, ...names.map((part) => number(one[part]))]),
    ...(classes.length > shown.length ? [[`and ${classes.length - shown.length} more`, ...names.map(() => '')]] : []),
    ...(open ? [['without a label', ...names.map((part) => number(total(part).unlabelled))]] : []),
    ['all', ...names.map((part) => number(total(part).images))],
  ];
  const pairs = [...(twins ?? [])].sort(
    (a, b) => Number(b.a.part !== b.b.part) - Number(a.a.part !== a.b.part) || b.similarity - a.similarity,
  );
  const between = pairs.filter(({ a, b }) => a.part !== b.part).length;
  return [
    table(rows),
    ...(twins === null
      ? []
      : [
          `twins     ${twins.length} pairs show the same picture (${twins.filter(({ exact }) => exact).length} of them equal in every pixel), ${between} of them across two splits`,
          ...(testTwins! > 0
            ? [
                `          ${testTwins} test images have a twin among the others; --exclude duplicates leaves them out of the test split`,
              ]
            : []),
          ...pairs
            .slice(0, PAIRS)
            .map(
              ({ a, b, similarity, mirrored }) =>
                `          ${similarity.toFixed(3)}${mirrored ? ' mirrored' : ''}  ${where(a)}  ${where(b)}`,
            ),
          ...(pairs.length > PAIRS ? [`          and ${pairs.length - PAIRS} more; --json lists all`] : []),
        ]),
    `plain     ${plain.length} images of one colour${plain.length > 0 ? `: ${plain.slice(0, 5).map(where).join(', ')}` : ''}`,
    `blurred   ${blurred.length} images far less sharp than most${blurred.length > 0 ? `: ${blurred.slice(0, 5).map(where).join(', ')}` : ''}`,
    ...(page === null ? [] : [`page      ${page}`]),
  ].join('\n');
}
