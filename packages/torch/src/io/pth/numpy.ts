/** @file Pickles of numpy arrays and plain values, such as the CIFAR batches for Python; nothing in them is run. */
import { numpyGlobals } from './numpy-globals.js';
import { unpickle } from './pickle.js';

export { NumpyArray } from './numpy-array.js';

/** @param name the file, for error messages @throws TorchError PICKLE_FORBIDDEN, PICKLE_CORRUPT */
export const unpickleNumpy = (bytes: Uint8Array, name: string): unknown =>
  unpickle(bytes, { globals: numpyGlobals, name });
