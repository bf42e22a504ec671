/** @file `node packages/torch/dist/src/engine/setup.js`: makes the engine ready, with progress; quick when it is. */
import { TorchError } from '../error.js';
import { ensureEngine } from './ready.js';

try {
  const { version, source } = await ensureEngine();
  console.error(`engine ready: libtorch ${version} from ${source}`);
} catch (error) {
  console.error(error instanceof TorchError ? error.message : error);
  process.exitCode = 1;
}
