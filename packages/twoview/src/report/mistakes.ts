/** @file Confusion matrix, and where the arms disagree. */
import { percent } from '../experiment/jobs.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import { type Confusion, confusionFigure, confusions, worstMixes } from './confusion.js';
import { drawn } from './drawn.js';
import { escapeHtml, heading2, htmlTable } from './html.js';
import { disagreementsOf } from './pictures.js';
import { share } from './words.js';

const WORST = 3;

export async function mistakes(summary: ExperimentSummary): Promise<string> {
  const { classes, config } = summary;
  const least = Math.min(...config.fractions);
  const list = confusions(summary, least);
  if (list.length === 0) return '';
  const inWords = (one: Confusion) =>
    worstMixes(one, WORST)
      .map(({ truth, named, share: part }) => `${classes[truth]} as ${classes[named]} ${share(part)}`)
      .join(', ') || 'none';
  const words = list.map((one) => `${one.model}, ${one.arm}: ${inWords(one)}`).join('; ');
  const rows = list.map((one) => [`${escapeHtml(one.model)}, ${one.arm}`, escapeHtml(inWords(one))]);
  return `${heading2('Confusion matrix')}
<p>With ${percent(least)} % of the labels, where the arms differ most.</p>
${await drawn(confusionFigure(list, classes), 'Each row is a true class and sums to 100 %: how often it was given which name. All seeds together.', `Confusion matrices. Most frequent errors: ${words}`)}
${htmlTable('Most frequent errors, as shares of the true class', [['network, arm', 'true class as another'], ...rows])}
${pictures(summary, least)}`;
}

function pictures(summary: ExperimentSummary, fraction: number): string {
  const parts = summary.config.models.flatMap((model) => {
    const strips = disagreementsOf(summary, model, fraction, ['semi-supervised', 'supervised']);
    return strips === '' ? [] : [`<h3>${escapeHtml(model)}</h3>${strips}`];
  });
  if (parts.length === 0) return '';
  return `${heading2('Where the arms disagree')}
<p>Test images with ${percent(fraction)} % of the labels, first seed; those first of which the arm that is wrong was surest.</p>
${parts.join('')}`;
}
