/** @file Every setting is read by some code: a flag that nothing reads promises what does not happen. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { settingsOf } from '../src/cli/flags.js';
import { SCHEMAS } from '../src/cli/reference.js';

const source = fileURLToPath(new URL('../src', import.meta.url));
/** Where settings are declared or shown, which is not reading them. */
const NO_READERS = /^(config|cli|report)\//;

const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !NO_READERS.test(file))
  .map((file) => readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''))
  .join('\n');

/** Names that objects of settings go by. */
const HOLDERS = '(?:config|wanted|known|settings|c)';

/** Names taken from settings: by a dot, or by destructuring something that is typed or named as settings. */
function readNames(): Set<string> {
  const names = new Set<string>();
  for (const [, name] of code.matchAll(new RegExp(`\\b${HOLDERS}(?:\\.(?:pretrain|finetune|transfer))?\\.(\\w+)`, 'g')))
    names.add(name!);
  const destructured = new RegExp(
    `\\{([^{}]*)\\}\\s*(?::\\s*\\w*(?:Config|Settings|Options)\\b|=\\s*${HOLDERS}(?:\\.\\w+)?\\s*;)`,
    'g',
  );
  for (const [, inside] of code.matchAll(destructured)) {
    for (const part of inside!.split(',')) names.add(part.split(/[:=]/)[0]!.trim());
  }
  return names;
}

const read = readNames();

describe.each(Object.entries(SCHEMAS))('every setting of %s is read', (_, schema) => {
  test.each(settingsOf(schema).map(({ path }) => path.join('.')))('%s', (path) => {
    expect([...read]).toContain(path.split('.').at(-1));
  });
});

test('a name that no code reads is noticed', () => {
  expect(read.has('learningRateOfNobody')).toBe(false);
  expect(read.size).toBeLessThan(150); // were everything counted as read, this test could not fail
});
