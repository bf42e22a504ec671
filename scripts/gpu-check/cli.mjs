/** @file `twoview` as a user starts it, from the pack. */
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../packages/twoview/bin/twoview.js');

/** The compiled files of the commands that the check starts; the packer carries these. */
export const CLI_FILES = [
  'packages/twoview/bin/twoview.js',
  ...['main', 'version', 'report-errors', 'commands/pretrain', 'commands/knn', 'commands/probe', 'commands/doctor'].map(
    (name) => join('packages/twoview/dist/src/cli', `${name}.js`),
  ),
];

/** @returns [command, arguments] for `Runner.run` */
export const cli = (command, flags) => [process.execPath, [MAIN, command, ...flags.map(String)]];
