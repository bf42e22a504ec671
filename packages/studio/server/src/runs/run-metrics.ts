/** @file The figures of a run, read from its metrics.jsonl in portions, so that a long one holds nothing up. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunMetrics } from '../api.js';

const STEPS = 2000;

/** @param folder of the run */
export async function readRunMetrics(folder: string): Promise<RunMetrics> {
  const metrics: RunMetrics = { epochs: [], steps: [], chance: null };
  const file = join(folder, 'metrics.jsonl');
  if (!existsSync(file)) return metrics;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { step, epoch, loss, lr, ...values } = parsed(line);
    if (epoch === undefined) continue;
    if (loss !== undefined) metrics.steps.push({ step: step!, loss, lr: lr ?? 0 });
    else metrics.epochs.push({ epoch, values: values as Record<string, number> });
    if (values.chance !== undefined) metrics.chance = values.chance;
  }
  const every = Math.ceil(metrics.steps.length / STEPS);
  metrics.steps = metrics.steps.filter((_, i, all) => i % every === 0 || i === all.length - 1);
  return metrics;
}

/** A line that is being written is not one yet. */
function parsed(line: string): Record<string, number | undefined> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
