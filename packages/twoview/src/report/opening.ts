/** @file What the report begins with: the result in a line for each network, and what makes a reading unsound. */
import type { Arm } from '../config/compare.js';
import { jobsOf, percent } from '../experiment/jobs.js';
import { type ExperimentSummary, isAt } from '../experiment/summarise.js';
import { escapeHtml } from './html.js';
import { share, spread } from './words.js';

export function heading({ config, data, table, cells }: ExperimentSummary): string {
  const least = Math.min(...config.fractions);
  const gains = config.models.flatMap((model) => {
    const of = (arm: Arm) => table.find(isAt({ model, arm, fraction: least }));
    const [semi, scratch] = [of('semi-supervised'), of('supervised')];
    if (semi === undefined || scratch === undefined) return [];
    return [
      `<p class="result"><b>${escapeHtml(model)}</b> with ${percent(least)} % of the labels (${semi.labels} images): SimCLR then fine-tuned <b>${share(semi.mean)}${spread(semi.deviation)}</b>, supervised from scratch ${share(scratch.mean)}${spread(scratch.deviation)}.</p>`,
    ];
  });
  return `<h1>Label efficiency</h1>
<p class="lead">${escapeHtml(data.name)}: ${data.train.toLocaleString('en')} training and ${data.test.toLocaleString('en')} test images; ${config.seeds} seed${config.seeds === 1 ? '' : 's'}. Every accuracy is of ${cells[0]?.evaluatedOn === 'validation' ? 'validation images, which are no test images,' : 'the whole test set'} after the last epoch.</p>
${gains.join('\n')}`;
}

export function warnings(summary: ExperimentSummary): string {
  const { config, data, transferData, failures, cells } = summary;
  const planned = jobsOf(config).filter(({ kind }) => kind === 'cell').length;
  const missing = planned - cells.length - failures.filter(({ job }) => job.startsWith('cells/')).length;
  const texts = [
    ...(missing > 0 ? [`${missing} of ${planned} classifiers are not trained yet: means are over fewer seeds.`] : []),
    ...(config.seeds < 3 ? [`${config.seeds} seed${config.seeds === 1 ? '' : 's'}: differences may be chance.`] : []),
    ...data.notes.map((note) => `${data.name}: ${note}`),
    ...(transferData?.notes ?? []).map((note) => `transfer source ${transferData!.name}: ${note}`),
    ...failures.map(({ job, error }) => `${job} failed and is left out: ${error.split('\n')[0]}`),
  ];
  if (texts.length === 0) return '';
  const items = texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('');
  return `<div class="warn" role="note"><p>Read these results with care</p><ul>${items}</ul></div>`;
}
