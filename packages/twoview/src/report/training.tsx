/** @file The trainings with labels: their losses, the transfer source, what the networks cost. */
import { join } from 'node:path';
import { percent } from '../experiment/jobs.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { trainLossFigure } from './figures.js';
import { drawn } from './html/drawn.js';
import type { Section } from './html/section.js';
import { Table } from './html/table.js';
import { lossCourse } from './series.js';
import { bySeed, share } from './words.js';

export async function trainLosses(summary: ExperimentSummary, experiment: string): Promise<Section[]> {
  const cells = summary.cells.filter(({ trainLoss }) => trainLoss !== null);
  if (cells.length === 0) return [];
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
    .map((cell) => `${cell.model} ${cell.arm} ${percent(cell.fraction)} %: ends at ${cell.trainLoss!.toFixed(3)}`)
    .join('; ');
  const body = await drawn(
    trainLossFigure(summary, lines),
    'Cross entropy of the training batches, first seed.',
    `Train losses. ${words}`,
  );
  return [{ title: 'Train losses', body }];
}

/** The training that the transfer arm starts from. */
export function transferSource({ config, transfer, transferData }: ExperimentSummary): Section[] {
  const title = 'Transfer source';
  if (!config.arms.includes('transfer')) return [];
  if (transferData === null) {
    return [{ title, body: <p>The transfer arm starts from the weights in {config.transferWeights}.</p> }];
  }
  const { name, train } = transferData;
  const rows = transfer.map(({ model, metrics, evaluatedOn, trainLoss }) => [
    model,
    share(metrics.accuracy),
    `${metrics.count.toLocaleString('en')} ${evaluatedOn}`,
    trainLoss?.toFixed(3) ?? '–',
  ]);
  const body = (
    <>
      <p>
        The transfer arm first learns {name}, {train.toLocaleString('en')} labelled images, once for each network.
      </p>
      <Table
        caption="Supervised training on the source"
        head={['network', 'accuracy', 'images tested on', 'train loss']}
        rows={rows}
      />
    </>
  );
  return [{ title, body }];
}

export function parameters({ config, cells, transfer, pretrain }: ExperimentSummary): Section[] {
  const rows = config.models.map((model) => {
    const of = <T extends { model: string }>(list: T[]) => list.filter((one) => one.model === model);
    const minutes = [...of(cells), ...of(transfer), ...of(pretrain)].reduce((sum, one) => sum + one.seconds, 0) / 60;
    return [model, of(cells)[0]?.parameters.toLocaleString('en') ?? '', minutes.toFixed(1)];
  });
  const head = ['network', 'parameters', 'minutes of training'];
  return [
    { title: 'Networks', body: <Table caption="With the classifier of this experiment" head={head} rows={rows} /> },
  ];
}
