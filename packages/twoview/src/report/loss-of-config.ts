/** @file The loss of an experiment; older ones knew one alone. */
import type { CompareConfig } from '../config/compare.js';
import { lossOf } from '../losses/by-name.js';
import type { Loss } from '../losses/loss.js';

export const lossOfConfig = ({ pretrain }: CompareConfig): Loss =>
  lossOf({ loss: pretrain.loss ?? 'nt-xent', temperature: pretrain.temperature });
