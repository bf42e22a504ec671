/** @file Confusion matrix, and where the arms disagree. */
import { percent } from '../experiment/jobs.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { type Confusion, confusionFigure, confusions, worstMixes } from './confusion.js';
import { drawn } from './html/drawn.js';
import type { Section } from './html/section.js';
import { Table } from './html/table.js';
import { disagreementsOf, Strip } from './pictures.js';
import { share } from './words.js';

const WORST = 3;

export async function mistakes(summary: ExperimentSummary): Promise<Section[]> {
  const { classes, config } = summary;
  const least = Math.min(...config.fractions);
  const list = confusions(summary, least);
  if (list.length === 0) return [];
  const inWords = (one: Confusion) =>
    worstMixes(one, WORST)
      .map(({ truth, named, share: part }) => `${classes[truth]} as ${classes[named]} ${share(part)}`)
      .join(', ') || 'none';
  const words = list.map((one) => `${one.model}, ${one.arm}: ${inWords(one)}`).join('; ');
  const figure = await drawn(
    confusionFigure(list, classes),
    'Each row is a true class and sums to 100 %: how often it was given which name. All seeds together.',
    `Confusion matrices. Most frequent errors: ${words}`,
  );
  const body = (
    <>
      <p>With {percent(least)} % of the labels, where the arms differ most.</p>
      {figure}
      <Table
        caption="Most frequent errors, as shares of the true class"
        head={['network, arm', 'true class as another']}
        rows={list.map((one) => [`${one.model}, ${one.arm}`, inWords(one)])}
      />
    </>
  );
  return [{ title: 'Confusion matrix', body }, ...pictures(summary, least)];
}

function pictures(summary: ExperimentSummary, fraction: number): Section[] {
  const parts = summary.config.models.flatMap((model) => {
    const strips = disagreementsOf(summary, model, fraction, ['semi-supervised', 'supervised']);
    return strips.length === 0 ? [] : [{ model, strips }];
  });
  if (parts.length === 0) return [];
  const body = (
    <>
      <p>
        Test images with {percent(fraction)} % of the labels, first seed; those first of which the arm that is wrong was
        surest.
      </p>
      {parts.map(({ model, strips }) => (
        <>
          <h3>{model}</h3>
          {strips.map((strip) => (
            <Strip {...strip} classes={summary.classes} />
          ))}
        </>
      ))}
    </>
  );
  return [{ title: 'Where the arms disagree', body }];
}
