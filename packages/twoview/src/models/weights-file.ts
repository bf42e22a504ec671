/** @file The tensors of a file, whatever it is called: its first bytes say whether it is safetensors or a pickle of PyTorch. */
import { closeSync, openSync, readSync } from 'node:fs';
import * as torch from '@twoview/torch';
import { fileError, Tensor } from '@twoview/torch';
import { TwoviewError } from '../errors.js';

export interface WeightsFile {
  /** By name; what lies in dicts within dicts has their keys before its own: `state_dict.conv1.weight`. */
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
}

/** Nothing in the file is run. @throws TorchError for damaged and hostile files; TwoviewError WEIGHTS_MISMATCH where it holds no tensors */
export async function readWeightsFile(file: string): Promise<WeightsFile> {
  if (isSafetensors(file)) return torch.safetensors.load(file);
  const value = await torch.pth.load(file);
  const tensors: Record<string, Tensor> = {};
  gather(value, '', tensors, 0);
  if (Object.keys(tensors).length > 0) return { tensors, metadata: {} };
  const keys = value instanceof Map ? [...value.keys()].slice(0, 10).map(String) : [];
  throw new TwoviewError('WEIGHTS_MISMATCH', {
    what: `this file holds no tensors${keys.length > 0 ? `, only ${keys.join(', ')}` : ''}`,
    where: file,
    next: ['in Python: torch.save(model.state_dict(), path)'],
  });
}

/** A length of eight bytes, and then JSON; a file that only its name says to be one is read as such, for the better error. */
function isSafetensors(file: string): boolean {
  const head = Buffer.alloc(9);
  try {
    const handle = openSync(file, 'r');
    try {
      readSync(handle, head, 0, 9, 0);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileError(file, error);
  }
  if (head[8] === 0x7b && head.readUInt32LE(4) === 0) return true;
  const pickled = head[0] === 0x80 || head.toString('latin1', 0, 2) === 'PK';
  return !pickled && /\.safetensors$/i.test(file);
}

const DEEPEST = 8;

function gather(value: unknown, prefix: string, into: Record<string, Tensor>, depth: number): void {
  if (value instanceof Tensor) into[prefix.slice(0, -1)] = value;
  if (depth === DEEPEST) return;
  const entries = value instanceof Map ? [...value] : Array.isArray(value) ? [...value.entries()] : [];
  for (const [key, item] of entries) gather(item, `${prefix}${String(key)}.`, into, depth + 1);
}
