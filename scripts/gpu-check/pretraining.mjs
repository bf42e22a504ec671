/**
 * @file The product's own pre-training inside the process of a part, with something done at each step: so that what is measured is
 * what a user runs, and nothing that only looks like it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, pretrainSchema, pretrainSimclr, torch } from './parts.mjs';

/** @param cudnn `deterministic` or `benchmark`; where pretrain has a setting of that name it gets it */
export function settingsFor(cudnn) {
  return 'deterministic' in pretrainSchema.shape ? { deterministic: cudnn !== 'benchmark' } : {};
}

/**
 * Pre-trains until `onStep` returns false or the steps are done.
 *
 * @param onStep (steps done, event) => boolean
 */
export async function pretrainWhile({ device, cudnn = 'deterministic', work, name, ...settings }, onStep) {
  const out = join(work, 'runs', name);
  rmSync(out, { recursive: true, force: true });
  await torch.load();
  if (device !== 'cpu') torch.cuda.configure(cudnn === 'benchmark' ? { benchmark: true, deterministic: false } : {});
  const config = parseConfig(pretrainSchema, {
    ...{ device, out, epochs: 1000, heldOut: 0, knnEvery: 1000, checkpointMinutes: 1000 },
    ...settingsFor(cudnn),
    ...settings,
  });
  const controller = new AbortController();
  let steps = 0;
  const onEvent = (event) => {
    if (event.type === 'note' || event.type === 'warning') console.log(event.text);
    if (event.type !== 'step' || controller.signal.aborted) return;
    if (onStep(++steps, event) === false) controller.abort();
  };
  try {
    await pretrainSimclr(config, { onEvent, signal: controller.signal });
  } catch (error) {
    if (error?.code !== 'STOPPED') throw error; // it was asked to
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
