/** @file The course of the pre-trainings: loss, kNN and the health of the representations. */
import { join } from 'node:path';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { pretrainFigure } from './figures.js';
import { drawn } from './html/drawn.js';
import type { Section } from './html/section.js';
import { Table } from './html/table.js';
import { lossOfConfig } from './loss-of-config.js';
import { epochCourse } from './series.js';
import { share } from './words.js';

export async function pretraining(summary: ExperimentSummary, experiment: string): Promise<Section[]> {
  const { pretrain } = summary;
  const { title } = lossOfConfig(summary.config);
  if (pretrain.length === 0) return [];
  const courses = pretrain.map(({ model, seed, run, chance }) => ({
    model,
    seed,
    loss: epochCourse(join(experiment, run), 'epochLoss'),
    knn: epochCourse(join(experiment, run), 'knn'),
    chance,
  }));
  const rows = pretrain.map((row) => {
    const last = (name: string) => epochCourse(join(experiment, row.run), name).at(-1)?.y.toFixed(3) ?? '';
    return [
      `${row.model}, seed ${row.seed}`,
      row.loss.toFixed(3),
      row.chance === null ? '' : row.chance.toFixed(3),
      row.knn === null ? 'no labels' : share(row.knn),
      last('alignment'),
      last('uniformity'),
      last('effectiveRank'),
    ];
  });
  const head = ['network', title, 'chance', 'kNN', 'alignment', 'uniformity', 'effective rank'];
  const words = pretrain
    .map(({ model, seed, loss, chance, knn }) => {
      const name = `${model}, seed ${seed}: ${title} ends at ${loss.toFixed(3)}${chance === null ? '' : `, chance is ${chance.toFixed(3)}`}`;
      return knn === null ? name : `${name}, kNN accuracy ends at ${share(knn)}`;
    })
    .join('; ');
  const figure = await drawn(
    pretrainFigure(summary, courses),
    pretrain[0]!.chance === null
      ? 'One line a seed.'
      : 'One line a seed. At the chance line all views are as near to each other as partners are.',
    `Pre-training by epoch. ${words}`,
  );
  const body = (
    <>
      {figure}
      <Table caption="After the last epoch" head={head} rows={rows} />
    </>
  );
  return [{ title: 'Pre-training', body }];
}
