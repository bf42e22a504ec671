/**
 * @file A checkpoint: one safetensors file with the encoder under its own keys (Python loads it as it is), everything else
 * under a prefix, and the position in the metadata. One file, so that weights and optimizer can never disagree.
 */
import { existsSync } from 'node:fs';
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';

const OPTIMIZER = 'optimizer.';
const HEAD = 'projection_head.';
const AVERAGE = 'average.';

/** What a training consists of. */
export interface Parts {
  encoder: torch.nn.Module;
  head: torch.nn.Module | null;
  optimizer: torch.optim.Optimizer;
  /** A running mean of the encoder's weights. */
  average?: {
    stateDict(): Record<string, Tensor>;
    loadStateDict(state: Record<string, Tensor>, steps: number): void;
  } | null;
}

const prefixed = (prefix: string, tensors: Record<string, Tensor>) =>
  Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [prefix + key, tensor]));

const under = (prefix: string, tensors: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([key, tensor]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), tensor]] : [],
    ),
  );

/** All tensors of a training: the very ones, not copies. */
export const stateOf = ({ encoder, head, optimizer, average }: Parts): Record<string, Tensor> => ({
  ...encoder.stateDict(),
  ...prefixed(HEAD, head?.stateDict() ?? {}),
  ...prefixed(AVERAGE, average?.stateDict() ?? {}),
  ...prefixed(OPTIMIZER, optimizer.stateDict()),
});

/** Copies a state in. @param step after how many steps it was taken */
export function putBack(
  { encoder, head, optimizer, average }: Parts,
  tensors: Record<string, Tensor>,
  step: number,
): void {
  encoder.loadStateDict(encoderWeights(tensors));
  head?.loadStateDict(under(HEAD, tensors));
  average?.loadStateDict(under(AVERAGE, tensors), step);
  optimizer.loadStateDict(under(OPTIMIZER, tensors));
}

/** Of the state as it is now; training may go on while the file is written. @returns when it is there */
export function saveCheckpoint(path: string, parts: Parts, metadata: Record<string, string>): Promise<void> {
  return torch.safetensors.saveCopy(path, stateOf(parts), metadata);
}

/** Puts a saved state back. @returns its metadata, or null when there is no checkpoint yet */
export function loadCheckpoint(path: string, parts: Parts): Record<string, string> | null {
  if (!existsSync(path)) return null;
  return torch.scope(() => {
    const { tensors, metadata } = torch.safetensors.load(path);
    putBack(parts, tensors, Number(metadata.step));
    return metadata;
  });
}

/** The projection head's tensors of a checkpoint, under the head's own keys. */
export function headWeights(tensors: Record<string, Tensor>): Record<string, Tensor> {
  return under(HEAD, tensors);
}

/** The encoder's own tensors of a checkpoint or of a plain weights file. */
export function encoderWeights(tensors: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).filter(([key]) => ![OPTIMIZER, HEAD, AVERAGE].some((prefix) => key.startsWith(prefix))),
  );
}
