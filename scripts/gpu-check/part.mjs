#!/usr/bin/env node
/**
 * @file One part of the check in a process of its own: `node part.mjs MODULE FUNCTION OPTIONS FILE`. The function gets the options
 * and a `report` that replaces FILE with what is known so far, so that a crash or a time limit loses only what came after it. FILE says
 * when that was all: a crash of a library while the process ends is no crash of the part.
 */
import { renameSync, writeFileSync } from 'node:fs';

const [module, name, options, file] = process.argv.slice(2);
const report = (value, done = false) => {
  writeFileSync(`${file}.partial`, JSON.stringify({ done, value: value ?? null }));
  renameSync(`${file}.partial`, file);
};

try {
  const parts = await import(`./${module}.mjs`);
  const result = await parts[name](JSON.parse(options), (value) => report(value));
  report(result, true);
  process.exit(0); // threads of libtorch and open handles do not keep the next part waiting
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  for (let cause = error?.cause; cause instanceof Error; cause = cause.cause) console.error(`cause: ${cause.message}`);
  process.exit(1);
}
