/** @file `twoview`: names every command, and loads only the one that was asked for. */
import { Command, CommanderError } from 'commander';
import { closest } from '../config/closest.js';

const COMMANDS: Record<string, string> = {
  pretrain: 'learn representations from images without labels (SimCLR), or from labels (--method supervised)',
  knn: 'test representations: do the nearest training images name the test images?',
  probe: 'test representations: what does a linear classifier make of them?',
  finetune: 'train a classifier from scratch, from a pre-training, or from a weights file',
  compare: 'the experiment: supervised, transfer and semi-supervised by label amount, with error bars',
  report: 'write report.html of an experiment again',
  embed: 'write the representation of every image into a safetensors file',
  models: 'list the networks and their parameters',
  runs: 'list runs, show one, or name the best',
  doctor: 'show what this machine offers, and what to do about what is missing',
};

const EXAMPLES = `
Examples:
  twoview pretrain --data photos/ --model resnet18 --out runs/photos
  twoview knn      --data photos/ --weights runs/photos
  twoview finetune --data photos/ --init runs/photos --fraction 0.01 --out runs/photos-1pct
  twoview compare  --data photos/ --transfer-data other/ --out runs/experiment

Each command explains itself: twoview pretrain --help`;

const program = new Command('twoview')
  .description('Learn image representations without labels, then classify with few of them.')
  .helpOption('-h, --help', 'explain')
  .helpCommand(false)
  .exitOverride()
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(twoview --help lists all commands)');

const wanted = process.argv[2];
const json = process.argv.includes('--json');
try {
  if (wanted === '--version' || wanted === '-V') {
    const { version } = await import('./version.js');
    console.log(version());
  } else {
    program.option('-V, --version', 'print the version');
    for (const [name, about] of Object.entries(COMMANDS)) {
      const command = program.command(name).description(about).exitOverride();
      if (name === wanted) {
        const { define } = await import(`./commands/${name}.js`);
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
