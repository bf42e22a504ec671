/** @file Every setting is read by some code: a flag that nothing reads promises what does not happen. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { settingsOf } from '../src/cli/flags.js';
import { SCHEMAS } from '../src/cli/reference.js';

const source = fileURLToPath(new URL('../src', import.meta.url));
/** Where settings are declared or shown, which is not reading them. */
const NO_READERS = /^(config|cli|report)\//;

/** The source that is imported as this `.js`. */
function sourceOf(imported: string): string {
  const file = imported.replace(/\.js$/, '.ts');
  return existsSync(join(source, file)) ? file : `${file}x`;
}

/** A command's file and all of its job: what it imports, directly or not, other than by the command line's own files. */
function filesOf(command: string): Set<string> {
  const found = new Set<string>();
  const waiting = [join('cli', 'commands', `${command}.ts`)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || (found.size > 0 && file.startsWith('cli'))) continue;
    found.add(file);
    const imports = readFileSync(join(source, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g);
    for (const [, to] of imports) waiting.push(sourceOf(normalize(join(dirname(file), to!))));
  }
  return found;
}

const codeOf = (command: string): string =>
  [...filesOf(command)]
    .filter((file) => !NO_READERS.test(file))
    .map((file) => readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
    .join('\n');

/** Names that objects of settings go by. */
const HOLDERS = '(?:config|wanted|known|settings|c)';

/** Names taken from settings: by a dot, or by destructuring something that is typed or named as settings. */
function readNames(code: string): Set<string> {
  const names = new Set<string>();
  for (const [, name] of code.matchAll(new RegExp(`\\b${HOLDERS}(?:\\.(?:pretrain|finetune|transfer))?\\.(\\w+)`, 'g')))
    names.add(name!);
  const destructured = new RegExp(
    `\\{([^{}]*)\\}\\s*(?::\\s*(?:Pick<)?\\w*(?:Config|Settings|Options)\\b|=\\s*${HOLDERS}(?:\\.\\w+)?\\s*;)`,
    'g',
  );
  for (const [, inside] of code.matchAll(destructured)) {
    for (const part of inside!.split(',')) names.add(part.split(/[:=]/)[0]!.trim());
  }
  return names;
}

const read = Object.fromEntries(Object.keys(SCHEMAS).map((command) => [command, readNames(codeOf(command))]));

describe.each(Object.entries(SCHEMAS))('every setting of %s is read', (command, schema) => {
  test.each(settingsOf(schema).map(({ path }) => path.join('.')))('%s', (path) => {
    expect([...read[command]!]).toContain(path.split('.').at(-1));
  });
});

test('a name that no code of a command reads is noticed', () => {
  expect(read.knn!.has('learningRateOfNobody')).toBe(false);
  // Others' settings are not read here; were everything counted as read, this test could not fail.
  expect(['epochs', 'microBatch', 'mixup', 'fractions'].filter((name) => read.knn!.has(name))).toEqual([]);
  expect(read.compare!.size).toBeLessThan(150);
});
