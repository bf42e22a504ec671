/** @file `twoview`: names every command, and loads only the one that was asked for. */
import { Command, CommanderError } from 'commander';
import { closest } from '../config/closest.js';
import { COMMANDS } from './commands.js';

const EXAMPLES = `
Examples:
  twoview pretrain --data photos/ --out runs/photos
  twoview knn      --data photos/ --weights runs/photos
  twoview finetune --data photos/ --init runs/photos --fraction 0.1 --out runs/few
  twoview compare  --data photos/ --transfer-data other/ --out runs/experiment

twoview pretrain --help  lists the settings of a command`;

const program = new Command('twoview')
  .description('Learn image representations without labels, then classify with few of them.')
  .helpOption('-h, --help', 'show this help')
  .helpCommand(false)
  .enablePositionalOptions() // what follows `launch ... pretrain` is pretrain's
  .exitOverride()
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(twoview --help lists all commands)');

// `twoview runs ls | head` closes the pipe early, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const wanted = process.argv[2];
const json = process.argv.includes('--json');
try {
  if (wanted === '--version' || wanted === '-V') {
    const { version } = await import('./version.js');
    console.log(version());
  } else {
    program.option('-V, --version', 'print the version');
    for (const [name, { about, load }] of Object.entries(COMMANDS)) {
      const command = program
        .command(name)
        .description(about)
        .exitOverride()
        .showHelpAfterError(`(twoview ${name} --help lists what it takes)`);
      if (name === wanted) {
        const { define } = await load();
        define(command);
      }
    }
    if (wanted === undefined) program.outputHelp();
    else if (!wanted.startsWith('-') && !Object.hasOwn(COMMANDS, wanted)) {
      const near = closest(wanted, Object.keys(COMMANDS));
      console.error(`error: there is no command ${wanted}${near === null ? '' : `; did you mean ${near}?`}\n`);
      program.outputHelp({ error: true });
      process.exitCode = 2;
    } else await program.parseAsync();
  }
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has said it, and --help ends here without loading the rest
  } else {
    const { reportError } = await import('./report-errors.js');
    process.exitCode = reportError(error, { json });
  }
}
