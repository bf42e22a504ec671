/** @file Run by engine.test.ts: one process that installs libtorch into the cache and says so. */
import { findLibtorch } from '../../src/engine/find.js';
import { installLibtorch } from '../../src/engine/install.js';
import { stderrLog } from '../../src/engine/log.js';
import { TorchError } from '../../src/error.js';

try {
  await installLibtorch(stderrLog());
  console.log(JSON.stringify((await findLibtorch()).found));
} catch (error) {
  console.log(error instanceof TorchError ? error.code : String(error));
  process.exitCode = 1;
}
