/** @file The run folder for processes that do not write: it takes everything and keeps nothing. */
import { join } from 'node:path';
import type { Run } from './run-folder.js';
import { withoutAuto } from './without-auto.js';

export const noRun = (path: string): Run => ({
  path,
  file: (...names) => join(path, ...names),
  resolveAuto: (config, found = {}) => withoutAuto(config, {}, found),
  writeText: () => {},
  writeJson: () => {},
  metric: () => {},
  log: () => {},
  flush: () => {},
  keepMetricsUpTo: () => {},
});
