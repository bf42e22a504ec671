/** @file twoview launch */
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { TwoviewError } from '../../errors.js';
import { launch } from '../launch.js';

const atLeast = (least: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new InvalidArgumentError(`a whole number from ${least} up.`);
  return value;
};

export function define(command: Command): void {
  command
    .passThroughOptions()
    .argument('<command...>', 'what all processes run: pretrain with its flags')
    .requiredOption('--nproc <n>', 'number of processes on this machine (required)', atLeast(1))
    .option('--timeout <seconds>', 'seconds that processes wait for each other', atLeast(1), 300)
    .addHelpText(
      'after',
      `
Each process computes its part of every batch, so N processes learn what one
process learns with the same batch size. They share the cores of this machine,
${availableParallelism()} here.

On several machines, start \`twoview pretrain\` on each with the environment
variables of torchrun: RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT.
SLURM and Kubernetes set them. TWOVIEW_TIMEOUT stands for --timeout.

Examples:
  twoview launch --nproc 2 -- pretrain --data photos/ --out runs/photos`,
    )
    .action(async (args: string[], { nproc, timeout }: { nproc: number; timeout: number }) => {
      if (args[0] !== 'pretrain') {
        throw new TwoviewError('CONFIG_INVALID', {
          what: 'only pretrain can be shared by several processes',
          where: `launch ... -- ${args.join(' ')}`,
          next: ['twoview launch --nproc 2 -- pretrain --data photos/ --out runs/photos'],
        });
      }
      process.exitCode = await launch(args, { processes: nproc, timeout });
    });
}
