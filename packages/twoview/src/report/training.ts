/** @file The trainings with labels: their losses, the transfer source, what the networks cost. */
import { join } from 'node:path';
import { percent } from '../experiment/jobs.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { drawn } from './drawn.js';
import { trainLossFigure } from './figures.js';
import { escapeHtml, heading2, htmlTable } from './html.js';
import { lossCourse } from './series.js';
import { bySeed, share } from './words.js';

export async function trainLosses(summary: ExperimentSummary, experiment: string): Promise<string> {
  const { cells } = summary;
  const first = bySeed(cells).filter(
    (cell, i, all) =>
      all.findIndex(
        ({ model, arm, fraction }) => model === cell.model && arm === cell.arm && fraction === cell.fraction,
      ) === i,
  );
  const lines = first.map(({ model, arm, fraction, run }) => ({
    ...{ model, arm, fraction },
    points: lossCourse(join(experiment, run)),
  }));
  const words = first
    .map((cell) => `${cell.model} ${cell.arm} ${percent(cell.fraction)} %: ends at ${cell.trainLoss.toFixed(3)}`)
    .join('; ');
  return `${heading2('Train losses')}
${await drawn(trainLossFigure(summary, lines), 'Cross entropy of the training batches, first seed.', `Train losses. ${words}`)}`;
}

/** The training that the transfer arm starts from. */
export function transferSource({ config, transfer, transferData }: ExperimentSummary): string {
  if (!config.arms.includes('transfer')) return '';
  if (transferData === null) {
    return `${heading2('Transfer source')}\n<p>The transfer arm starts from the weights in ${escapeHtml(config.transferWeights)}.</p>`;
  }
  const { name, train } = transferData;
  const head = ['network', 'accuracy', 'images tested on', 'train loss'];
  const rows = transfer.map(({ model, metrics, evaluatedOn, trainLoss }) => [
    escapeHtml(model),
    share(metrics.accuracy),
    `${metrics.count.toLocaleString('en')} ${evaluatedOn}`,
    trainLoss.toFixed(3),
  ]);
  return `${heading2('Transfer source')}
<p>The transfer arm first learns ${escapeHtml(name)}, ${train.toLocaleString('en')} labelled images, once for each network.</p>
${htmlTable('Supervised training on the source', [head, ...rows])}`;
}

export function parameters({ config, cells, transfer, pretrain }: ExperimentSummary): string {
  const rows = config.models.map((model) => {
    const of = <T extends { model: string }>(list: T[]) => list.filter((one) => one.model === model);
    const minutes = [...of(cells), ...of(transfer), ...of(pretrain)].reduce((sum, one) => sum + one.seconds, 0) / 60;
    return [escapeHtml(model), of(cells)[0]?.parameters.toLocaleString('en') ?? '', minutes.toFixed(1)];
  });
  return `${heading2('Networks')}\n${htmlTable('With the classifier of this experiment', [['network', 'parameters', 'minutes of training'], ...rows])}`;
}
