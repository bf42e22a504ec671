/** @file twoview compare */
import { join } from 'node:path';
import type { Command } from 'commander';
import { compareSchema } from '../../config/compare.js';
import { compare, planExperiment } from '../../experiment/compare.js';
import { operations } from '../../experiment/operations.js';
import type { ExperimentPlan } from '../../experiment/plan.js';
import { PRESETS } from '../../experiment/presets.js';
import { type ExperimentSummary, evaluatedImages } from '../../experiment/summarise.js';
import { writeReport } from '../../report/report.js';
import { counted } from '../../report/words.js';
import { computeTable, differenceTable, duration, experimentTable, withoutTwinsTable } from '../format.js';
import { defineJob } from '../job-command.js';

function planLines({ jobs, seconds }: ExperimentPlan): string {
  const count = (kind: string) => jobs.filter((job) => job.id.startsWith(kind)).length;
  const done = jobs.filter((job) => job.done).length;
  const flops = jobs.reduce((sum, job) => sum + (job.done ? 0 : (job.flops ?? 0)), 0);
  return [
    `plan  ${counted(count('pretrain'), 'SimCLR pre-training')}, ${counted(count('transfer'), 'transfer source')}, ${counted(count('cells'), 'classifier')}`,
    `      ${done > 0 ? `${done} of them are done; ` : ''}about ${duration(seconds)} on this machine, ${operations(flops)}`,
  ].join('\n');
}

/** Where a newcomer can go on: the same images and SimCLR's encoder in the studio. */
function studioHint({ config, pretrain }: ExperimentSummary): string[] {
  const [first] = pretrain;
  if (first === undefined) return [];
  return [
    `studio  npx twoview studio ${config.data} --weights ${join(config.out, first.run)}  labels images in a browser`,
  ];
}

export function define(command: Command): void {
  const presets = Object.entries(PRESETS).map(([name, { about }]) => `${name} (${about})`);
  command.option('--preset <name>', `settings to start from: ${presets.join('; ')}`);
  command.option('--dry-run', 'print the jobs and the estimated time, and train nothing');
  command.option(
    '--only <texts>',
    'run only jobs whose name contains one of these texts, separated by commas, and the jobs they need; --dry-run lists names',
    (text: string) => text.split(','),
  );
  command.option('--reuse', 'reuse runs of other experiments with the same code, settings and images');
  defineJob(command, {
    schema: compareSchema,
    examples: [
      '  twoview compare --preset quickstart --data shapes \\',
      '                  --transfer-data shapes-source --out runs/quickstart',
      '  twoview compare --data photos/ --models resnet18,resnet50 --seeds 3 \\',
      '                  --fractions 0.01,0.1,1 --transfer-data other/ \\',
      '                  --pretrain.epochs 200 --out runs/photos',
      '  # how long one network takes:',
      '  twoview compare --preset poster --only resnet34 --out runs/poster --dry-run',
    ].join('\n'),
    run: async (config, { io, screen, options }) => {
      const { only = [] } = options;
      if (options.dryRun) {
        const plan = await planExperiment(config, { ...io, only });
        return {
          plan,
          text: `${planLines(plan)}\n${plan.jobs.map((job) => `${job.done ? 'done' : duration(job.seconds).padStart(12)}  ${job.id}`).join('\n')}`,
        };
      }
      const summary = await compare(config, {
        ...io,
        only,
        reuse: options.reuse === true,
        onPlan: (plan) => screen.line(planLines(plan)),
        onJob: ({ id, number, of, left }) => {
          screen.line(`job ${number} of ${of}  ${id}  about ${duration(left)} left in all`);
          screen.job(`[${number}/${of}]`);
        },
      });
      const report = await writeReport(config.out);
      const withoutTwins = withoutTwinsTable(summary);
      const differences = differenceTable(summary);
      const failed = summary.failures.map(({ job, error }) => `failed: ${job}\n  ${error}`);
      if (failed.length > 0) process.exitCode = 1; // the table below has holes
      return {
        summary,
        report,
        text: [
          ...failed,
          experimentTable(summary),
          `${config.seeds < 3 ? `${counted(config.seeds, 'seed')}, too few for a spread` : `mean ± standard deviation over ${summary.cells.length < summary.table.length * config.seeds ? 'up to ' : ''}${config.seeds} seeds`}; ${evaluatedImages(summary)} of ${summary.data.name}`,
          ...(withoutTwins === null
            ? []
            : [`without the ${summary.twins} test images that show the picture of a training image:`, withoutTwins]),
          ...(differences === null
            ? []
            : [
                `differences in points of accuracy, paired by seed${config.seeds < 3 ? '' : ', with 95 % intervals'}:`,
                differences,
              ]),
          'computed in all, pre-training and transfer source included:',
          computeTable(summary),
          ...summary.data.notes.map((note) => `note: ${note}`),
          `${duration(summary.seconds)} of training; ${join(config.out, 'results.csv')}, summary.json and ${report}`,
          ...(options.preset === 'quickstart' ? studioHint(summary) : []),
        ].join('\n'),
      };
    },
    print: ({ text }) => text,
  });
}
