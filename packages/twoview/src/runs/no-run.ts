/** @file The run folder for processes that do not write: it takes everything and keeps nothing. */
import { join } from 'node:path';
import { withoutAuto } from '../config/without-auto.js';
import type { Run } from './run-folder.js';

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
