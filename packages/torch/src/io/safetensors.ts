/** @file safetensors files: memory-mapped reading, atomic writing. Python's safetensors reads what is written here, and back. */
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { elements, mapFile } from './mapping.js';
import { readHeader } from './safetensors-header.js';

export { type Entry, type Header, readHeader } from './safetensors-header.js';
export { save, saveCopy } from './safetensors-save.js';

export interface Loaded {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
}

/**
 * The tensors of a file, by name, on the CPU. They look into a private mapping of it (see mapping.ts): what is not touched is
 * not read, and writing to a tensor does not change the file.
 *
 * @param options mmap: false copies everything at once, for a file that others may shorten
 * @throws TorchError SAFETENSORS_CORRUPT, FILE_ACCESS
 */
export function load(path: string, { mmap = true }: { mmap?: boolean } = {}): Loaded {
  const { entries, metadata, fileBytes } = readHeader(path);
  return scope(() => {
    const bytes = mapFile(path, fileBytes);
    const named = entries.map(({ name, dtype, shape, begin, end }) => {
      const tensor = elements(bytes, dtype, begin, end - begin).view(shape);
      return [name, mmap ? tensor : tensor.clone()] as const;
    });
    return { tensors: Object.fromEntries(named), metadata };
  });
}
