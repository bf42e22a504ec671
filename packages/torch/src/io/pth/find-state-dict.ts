/** @file The weights in a checkpoint, wherever its author put them. */
import { TorchError } from '../../error.js';
import { Tensor } from '../../tensor.js';

/** Where training programs keep them: lightning, timm, torchvision's references, DINO, MoCo, ... */
const USUAL_KEYS = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights', 'module', 'params'];
/** What DataParallel and torch.compile put before every name, the outer one first. */
const WRAPPERS = ['module.', '_orig_mod.'];
const DEEPEST = 3;

/**
 * @param value what pth.load gave
 * @returns the tensors by name, without the prefix of DataParallel or torch.compile
 * @throws TorchError STATE_DICT where there are none
 */
export function findStateDict(value: unknown): Record<string, Tensor> {
  const found = search(value, DEEPEST);
  if (found !== null) return unwrapped(found);
  const keys = value instanceof Map ? [...value.keys()].slice(0, 10).map(String) : [];
  throw new TorchError('STATE_DICT', 'this file holds no state dict', {
    next: [
      keys.length > 0 ? `it holds ${keys.join(', ')}` : 'it is no dict',
      'in Python: torch.save(model.state_dict(), path)',
    ],
  });
}

function search(value: unknown, depth: number): [string, Tensor][] | null {
  if (!(value instanceof Map) || depth === 0) return null;
  for (const key of USUAL_KEYS) {
    const inside = search(value.get(key), depth - 1);
    if (inside !== null) return inside;
  }
  const entries = [...value];
  const isStateDict =
    entries.length > 0 && entries.every(([key, item]) => typeof key === 'string' && item instanceof Tensor);
  return isStateDict ? entries : null;
}

function unwrapped(entries: [string, Tensor][]): Record<string, Tensor> {
  let named = entries;
  for (const prefix of WRAPPERS) {
    if (named.every(([name]) => name.startsWith(prefix))) {
      named = named.map(([name, tensor]) => [name.slice(prefix.length), tensor]);
    }
  }
  return Object.fromEntries(named);
}
