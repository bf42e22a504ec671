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
    .argument('<command...>', 'what each process runs: pretrain with its flags')
    .requiredOption('--nproc <n>', 'processes on this machine', atLeast(1))
    .option('--timeout <seconds>', 'how long processes wait for each other', atLeast(1), 300)
    .addHelpText(
      'after',
      `
The processes share each batch: N of them learn exactly what one learns with the same batch size. Each uses its share of
the cores, ${availableParallelism()} here. On several machines start \`twoview pretrain\` there with torchrun's variables set, as SLURM and
Kubernetes do: RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT; TWOVIEW_TIMEOUT is --timeout.

Examples:
  twoview launch --nproc 2 -- pretrain --data photos/ --model resnet18 --out runs/photos`,
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
