/** @file docs/cli.md and docs/errors.md, written from the schemas of settings, the commands and the tables of errors. */
import { TORCH_ERRORS, type TorchErrorCode } from '@twoview/torch';
import { Command } from 'commander';
import type { z } from 'zod';
import { benchSchema } from '../config/bench.js';
import { classifySchema } from '../config/classify.js';
import { compareSchema } from '../config/compare.js';
import { dataSchema } from '../config/data.js';
import { embedSchema, knnSchema, probeSchema } from '../config/evaluate.js';
import { distilSchema, finetuneSchema } from '../config/finetune.js';
import { inspectSchema } from '../config/inspect.js';
import { predictSchema } from '../config/predict.js';
import { pretrainSchema } from '../config/pretrain.js';
import { selectSchema } from '../config/select.js';
import { studioSchema } from '../config/studio.js';
import { ERRORS } from '../errors.js';
import { COMMANDS } from './commands.js';
import { type Setting, settingsOf } from './flags.js';
import { exitOfTorch } from './report-errors.js';

const GENERATED = '<!-- Written by `npm run docs`. Change the schemas and tables it is made from, not this page. -->';

/** Commands that take settings; the others have arguments and switches alone. */
export const SCHEMAS: Record<string, z.ZodObject> = {
  data: dataSchema,
  pretrain: pretrainSchema,
  knn: knnSchema,
  probe: probeSchema,
  classify: classifySchema,
  inspect: inspectSchema,
  finetune: finetuneSchema,
  distil: distilSchema,
  compare: compareSchema,
  predict: predictSchema,
  embed: embedSchema,
  select: selectSchema,
  bench: benchSchema,
};

/** The studio reads its settings in the command itself. */
const TABLES: Record<string, z.ZodObject> = { ...SCHEMAS, studio: studioSchema };

const cell = (text: string) => text.replaceAll('|', '\\|');
const mdTable = (rows: string[][]) =>
  rows.flatMap((row, i) => [
    `| ${row.map(cell).join(' | ')} |`,
    ...(i === 0 ? [`|${' --- |'.repeat(row.length)}`] : []),
  ]);

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? '' : '.'}`;

function fallbackOf({ fallback }: Setting): string {
  if (fallback === undefined) return 'required';
  if (fallback === '' || (Array.isArray(fallback) && fallback.length === 0)) return 'none';
  return `\`${Array.isArray(fallback) ? fallback.join(',') : fallback}\``;
}

/** A switch that is on by default has a flag that turns it off. */
const isOff = ({ kind, fallback }: Setting) => kind === 'boolean' && fallback === true;

function flagOf(setting: Setting): string {
  const { flag, kind, metavar } = setting;
  if (kind === 'groups') return 'in a config file';
  return kind === 'boolean' ? `\`--${isOff(setting) ? 'no-' : ''}${flag}\`` : `\`--${flag} <${metavar}>\``;
}

function settingsTable(settings: readonly Setting[]): string[] {
  const rows = settings.map((one) => [
    flagOf(one),
    `\`${one.path.join('.')}\``,
    one.accepts,
    fallbackOf(one),
    isOff(one) ? `${one.about}; the flag turns it off` : one.about,
  ]);
  return mdTable([['flag', 'setting', 'accepts', 'default', 'meaning'], ...rows]);
}

/** Arguments, and options that no schema declares. */
function plainParts(command: Command, known: ReadonlySet<string>): string[] {
  const args = command.registeredArguments.map((one) => [
    `\`${one.required ? `<${one.name()}>` : `[${one.name()}]`}\``,
    one.description,
  ]);
  const options = command.options
    .filter(({ long }) => !known.has(long ?? ''))
    .map(({ flags, description, defaultValue, argChoices }) => [
      `\`${flags}\``,
      `${description}${argChoices === undefined ? '' : `: ${argChoices.join(', ')}`}${defaultValue === undefined ? '' : ` (default ${defaultValue})`}`,
    ]);
  return [...args, ...options].length === 0
    ? []
    : ['', ...mdTable([['argument or flag', 'meaning'], ...args, ...options])];
}

function examplesOf(command: Command): string[] {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  const examples = text.split('\nExamples:\n')[1]?.trimEnd();
  return examples === undefined
    ? []
    : ['', '```sh', ...examples.split('\n').map((line) => line.replace(/^ {2}/, '')), '```'];
}

async function section(name: string): Promise<string[]> {
  const command = new Command(name);
  const { about, load } = COMMANDS[name]!;
  const { define } = await load();
  define(command);
  const settings = TABLES[name] === undefined ? [] : settingsOf(TABLES[name]);
  const known = new Set(settings.map((one) => `--${isOff(one) ? 'no-' : ''}${one.flag}`));
  const groups = [...new Set(settings.map(({ path }) => (path.length > 1 ? path[0]! : '')))].sort();
  const own = groups.flatMap((group) => [
    ...(group === '' ? [] : ['', `### \`${name}\`: settings of \`${group}\``]),
    '',
    ...settingsTable(settings.filter(({ path }) => (path.length > 1 ? path[0] : '') === group)),
  ]);
  const below = command.commands.flatMap((one) => [
    '',
    `### \`twoview ${name} ${one.name()}\``,
    '',
    sentence(one.description()),
    ...plainParts(one, new Set()),
  ]);
  return [
    '',
    `## \`twoview ${name}\``,
    '',
    sentence(about),
    ...examplesOf(command),
    ...own,
    ...plainParts(command, known),
    ...below,
  ];
}

export async function cliReference(): Promise<string> {
  const sections = [];
  for (const name of Object.keys(COMMANDS)) sections.push(...(await section(name)));
  return `${[
    GENERATED,
    '',
    '# The command line',
    '',
    'A setting is given as a flag, or under its name in a YAML file (`--config FILE`). Flags override the file, and the file',
    'overrides a preset. `--print-config` prints all settings as such a file. `compare` has groups of settings: `pretrain.epochs`',
    'is the flag `--pretrain.epochs 50` and a nested key in the file. The value that is used in place of `auto` is printed and',
    "written into the run's `config.yaml`.",
    '',
    '`twoview --help` lists the commands, and `twoview COMMAND --help` shows the settings below. Exit statuses and error codes are',
    'in [errors.md](errors.md).',
    ...sections,
  ].join('\n')}\n`;
}

export function errorsReference(): string {
  const own = Object.entries(ERRORS).map(([code, { exit, meaning }]) => [`\`${code}\``, String(exit), meaning]);
  const torch = Object.entries(TORCH_ERRORS).map(([code, { meaning }]) => [
    `\`${code}\``,
    String(exitOfTorch(code as TorchErrorCode)),
    meaning,
  ]);
  return `${[
    GENERATED,
    '',
    '# Exit statuses and error codes',
    '',
    ...mdTable([
      ['exit status', 'meaning'],
      ['0', 'done'],
      ['1', 'failed'],
      ['2', 'wrong usage or input'],
      ['75', 'stopped at a checkpoint; the same command with `--resume` goes on'],
      ['130', 'interrupted where there is nothing to resume'],
    ]),
    '',
    'Every error says what was wrong, where, what to do next, and its code. Codes are stable: never renamed, never used for',
    'something else. With `--json` an error is one line on stdout: `{"error":{"code":...,"message":...,"exit":...}}`. An error',
    'without a code (`UNEXPECTED` in JSON) is a bug in twoview.',
    '',
    '## twoview',
    '',
    'Class `TwoviewError`, from `packages/twoview/src/errors.ts`.',
    '',
    ...mdTable([['code', 'exit status', 'meaning'], ...own]),
    '',
    '## @twoview/torch',
    '',
    'Class `TorchError`, from `packages/torch/src/error.ts`.',
    '',
    ...mdTable([['code', 'exit status', 'meaning'], ...torch]),
  ].join('\n')}\n`;
}
