/** @file `npx @twoview/torch doctor | install`: what is here, and making the engine ready. */
import { doctorReport, ensureEngine, formatDoctor } from './engine/index.js';
import { TorchError } from './error.js';

const USAGE = `npx @twoview/torch doctor    what was found on this machine, and what to do about what is missing
npx @twoview/torch install   fetches libtorch where there is none, and makes the addon ready; quick when it is done`;

const [command, ...rest] = process.argv.slice(2);
try {
  if (command === 'doctor' && rest.length === 0) console.log(formatDoctor(await doctorReport()));
  else if (command === 'install' && rest.length === 0) {
    const { version, source } = await ensureEngine();
    console.log(`engine ready: libtorch ${version} from ${source}`);
  } else {
    const isHelp = command === undefined || command === '--help' || command === 'help';
    (isHelp ? console.log : console.error)(USAGE);
    process.exitCode = isHelp ? 0 : 2;
  }
} catch (error) {
  console.error(error instanceof TorchError ? error.message : error);
  process.exitCode = 1;
}
