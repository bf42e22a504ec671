/** @file The options of the benchmarks' commands. */
import { parseArgs } from 'node:util';

/** Ends the process after `--help`, and with status 2 after an option that there is not. */
export function optionsOr(help, options) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h', default: false } } });
    if (!values.help) return values;
  } catch (error) {
    fail(`${error.message}\n${help}`);
  }
  console.log(help);
  process.exit(0);
}

export function fail(text) {
  console.error(`error: ${text}`);
  process.exit(2);
}
