/** @file report.html of an experiment: one file that opens offline, made of summary.json and the runs' metrics.jsonl alone. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import { stringify } from 'yaml';
import { ARMS } from '../config/compare.js';
import { TwoviewError } from '../errors.js';
import { halfInterval } from '../experiment/interval.js';
import { percent } from '../experiment/jobs.js';
import { labelsSaved } from '../experiment/labels-saved.js';
import type { ExperimentSummary, TableRow } from '../experiment/summarise.js';
import { type Confusion, confusionFigure, confusions, worstMixes } from './confusion.js';
import { accuracyFigure, type Figure, pretrainFigure, trainLossFigure } from './figures.js';
import { escapeHtml, figure, htmlTable, page } from './html.js';
import { disagreementsOf } from './pictures.js';
import { toSvg } from './render.js';
import { epochCourse, lossCourse } from './series.js';

/** @param experiment folder that compare wrote @returns path of the report @throws TwoviewError RUN_NOT_FOUND */
export async function writeReport(experiment: string): Promise<string> {
  const file = join(experiment, 'summary.json');
  const summary = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ExperimentSummary) : null;
  if (summary?.kind !== 'experiment') {
    throw new TwoviewError('RUN_NOT_FOUND', {
      what: 'this folder holds no experiment',
      where: experiment,
      next: ['name a folder that twoview compare wrote with --out'],
    });
  }
  const sections = [
    heading(summary),
    warnings(summary),
    await accuracies(summary),
    savedLabels(summary),
    await mistakes(summary),
    await trainLosses(summary, experiment),
    await pretraining(summary, experiment),
    transferSource(summary),
    parameters(summary),
    howMade(summary),
  ];
  const path = join(experiment, 'report.html');
  const html = page(`twoview: ${summary.data.name}`, sections.join('\n'));
  atomicWrite(path, (handle) => writeAll(handle, Buffer.from(html)));
  return path;
}

const share = (value: number) => `${(value * 100).toFixed(1)} %`;
const spread = (deviation: number | null) => (deviation === null ? '' : ` ± ${(deviation * 100).toFixed(1)}`);

/** The 95 % confidence interval of the mean. */
function within({ mean, deviation, n }: TableRow): string {
  const half = halfInterval(deviation, n);
  if (half === null) return '';
  const [low, high] = [Math.max(0, mean - half), Math.min(1, mean + half)];
  return ` (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`;
}

function heading({ config, data, table }: ExperimentSummary): string {
  const least = Math.min(...config.fractions);
  const gains = config.models.flatMap((model) => {
    const of = (arm: string) => table.find((row) => row.model === model && row.arm === arm && row.fraction === least);
    const [semi, scratch] = [of('semi-supervised'), of('supervised')];
    if (semi === undefined || scratch === undefined) return [];
    return [
      `<p class="result"><b>${escapeHtml(model)}</b> with ${percent(least)} % of the labels (${semi.labels} images): SimCLR then fine-tuned <b>${share(semi.mean)}${spread(semi.deviation)}</b>, supervised from scratch ${share(scratch.mean)}${spread(scratch.deviation)}.</p>`,
    ];
  });
  return `<h1>What do few labels buy?</h1>
<p class="lead">${escapeHtml(data.name)}: ${data.train.toLocaleString('en')} training and ${data.test.toLocaleString('en')} test images; ${config.seeds} seed${config.seeds === 1 ? '' : 's'}. Every accuracy is of the whole test set after the last epoch.</p>
${gains.join('\n')}`;
}

function warnings({ config, data, transferData, failures }: ExperimentSummary): string {
  const texts = [
    ...(config.seeds < 3 ? [`${config.seeds} seed${config.seeds === 1 ? '' : 's'}: differences may be chance.`] : []),
    ...data.notes.map((note) => `${data.name}: ${note}`),
    ...(transferData?.notes ?? []).map((note) => `transfer source ${transferData!.name}: ${note}`),
    ...failures.map(({ job, error }) => `${job} failed and is left out: ${error.split('\n')[0]}`),
  ];
  if (texts.length === 0) return '';
  const items = texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('');
  return `<div class="warn" role="note"><p>Read these results with care</p><ul>${items}</ul></div>`;
}

async function drawn({ legend, panels }: Figure, caption: string, words: string): Promise<string> {
  const svgs = await Promise.all(panels.map(async ({ title, spec }) => ({ title, svg: await toSvg(spec) })));
  return figure({ legend, panels: svgs, caption, words });
}

async function accuracies(summary: ExperimentSummary): Promise<string> {
  const { config, table } = summary;
  const amount = (fraction: number) =>
    table.find((row) => row.fraction === fraction)?.labels.toLocaleString('en') ?? 'no';
  const head = [
    'network, arm',
    ...config.fractions.map(
      (fraction) => `${percent(fraction)} % of labels<br><small>${amount(fraction)} images</small>`,
    ),
  ];
  const lines = config.models.flatMap((model) =>
    ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => ({
      name: `${model}, ${arm}`,
      values: config.fractions.map((fraction) => {
        const row = table.find((one) => one.model === model && one.arm === arm && one.fraction === fraction);
        return row === undefined ? 'failed' : `${share(row.mean)}${spread(row.deviation)}${within(row)}`;
      }),
    })),
  );
  const rows = lines.map(({ name, values }) => [escapeHtml(name), ...values]);
  const words = lines
    .map(
      ({ name, values }) =>
        `${name}: ${values.map((value, i) => `${value} with ${percent(config.fractions[i]!)} % of labels`).join(', ')}`,
    )
    .join('; ');
  return `<h2>Accuracy by label amount</h2>
${await drawn(accuracyFigure(summary), 'Points are means over seeds, vertical bars one standard deviation, short horizontal lines the single runs.', `Test accuracy by label amount. ${words}`)}
${htmlTable('Test accuracy, mean ± standard deviation over seeds (95 % confidence interval of the mean)', [head, ...rows])}`;
}

function savedLabels({ table }: ExperimentSummary): string {
  const saved = labelsSaved(table);
  if (saved.length === 0) return '';
  const rows = saved.map(({ model, labels, accuracy, needed, bound }) => [
    `${escapeHtml(model)}, ${labels.toLocaleString('en')} labels`,
    share(accuracy),
    `${bound} ${needed.toLocaleString('en')}`,
    needed <= labels ? '–' : `${bound} ${(needed / labels).toPrecision(2)} times`,
  ]);
  const head = ['after SimCLR', 'accuracy', 'labels needed from scratch', 'labels saved'];
  return `<h2>Labels saved</h2>
<p>How many labels training from scratch needs to be as good. Between the amounts that were tried, accuracy is taken to rise by equal steps for equal factors of labels.</p>
${htmlTable('Labels for the same mean accuracy', [head, ...rows])}`;
}

const WORST = 3;

async function mistakes(summary: ExperimentSummary): Promise<string> {
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
  return `<h2>What is taken for what</h2>
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
  return `<h2>Where the arms disagree</h2>
<p>Test images with ${percent(fraction)} % of the labels, first seed; those first of which the arm that is wrong was surest.</p>
${parts.join('')}`;
}

async function trainLosses(summary: ExperimentSummary, experiment: string): Promise<string> {
  const { cells } = summary;
  const lines = cells
    .filter((cell) => cell.seed === 0)
    .map(({ model, arm, fraction, run }) => ({ model, arm, fraction, points: lossCourse(join(experiment, run)) }));
  const words = cells
    .filter((cell) => cell.seed === 0)
    .map((cell) => `${cell.model} ${cell.arm} ${percent(cell.fraction)} %: ends at ${cell.trainLoss.toFixed(3)}`)
    .join('; ');
  return `<h2>Train losses</h2>
${await drawn(trainLossFigure(summary, lines), 'Cross entropy of the training batches, first seed.', `Train losses. ${words}`)}`;
}

async function pretraining(summary: ExperimentSummary, experiment: string): Promise<string> {
  const { pretrain } = summary;
  if (pretrain.length === 0) return '';
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
      `${escapeHtml(row.model)}, seed ${row.seed}`,
      row.loss.toFixed(3),
      row.chance.toFixed(3),
      row.knn === null ? 'no labels' : share(row.knn),
      last('alignment'),
      last('uniformity'),
      last('effectiveRank'),
    ];
  });
  const head = ['network', 'NT-Xent', 'chance', 'kNN', 'alignment', 'uniformity', 'effective rank'];
  const words = pretrain
    .map(({ model, seed, loss, chance, knn }) => {
      const name = `${model}, seed ${seed}: NT-Xent ends at ${loss.toFixed(3)}, chance is ${chance.toFixed(3)}`;
      return knn === null ? name : `${name}, kNN accuracy ends at ${share(knn)}`;
    })
    .join('; ');
  return `<h2>Pre-training</h2>
${await drawn(pretrainFigure(summary, courses), 'One line a seed. At the chance line all views are as near to each other as partners are.', `Pre-training by epoch. ${words}`)}
${htmlTable('After the last epoch', [head, ...rows])}`;
}

/** What the transfer arm had learnt before. */
function transferSource({ config, transfer, transferData }: ExperimentSummary): string {
  if (!config.arms.includes('transfer')) return '';
  if (transferData === null) {
    return `<h2>Transfer source</h2>\n<p>The transfer arm starts from the weights in ${escapeHtml(config.transferWeights)}.</p>`;
  }
  const { name, train } = transferData;
  const head = ['network', 'accuracy', 'images tested on', 'train loss'];
  const rows = transfer.map(({ model, metrics, evaluatedOn, trainLoss }) => [
    escapeHtml(model),
    share(metrics.accuracy),
    `${metrics.count.toLocaleString('en')} ${evaluatedOn}`,
    trainLoss.toFixed(3),
  ]);
  return `<h2>Transfer source</h2>
<p>The transfer arm first learns ${escapeHtml(name)}, ${train.toLocaleString('en')} labelled images, once for each network.</p>
${htmlTable('Supervised training on the source', [head, ...rows])}`;
}

function parameters({ config, cells, transfer, pretrain }: ExperimentSummary): string {
  const rows = config.models.map((model) => {
    const of = <T extends { model: string }>(list: T[]) => list.filter((one) => one.model === model);
    const minutes = [...of(cells), ...of(transfer), ...of(pretrain)].reduce((sum, one) => sum + one.seconds, 0) / 60;
    return [escapeHtml(model), of(cells)[0]?.parameters.toLocaleString('en') ?? '', minutes.toFixed(1)];
  });
  return `<h2>Networks</h2>\n${htmlTable('With the classifier of this experiment', [['network', 'parameters', 'minutes of training'], ...rows])}`;
}

function howMade({ config, environment, seconds, data }: ExperimentSummary): string {
  const { date, node, torch, platform, cpu, cores, threads, cpuCapability, memoryGiB, gpus, command } = environment;
  const list = {
    command,
    date,
    machine: `${cpu}, ${cores} cores (${cpuCapability}), ${memoryGiB} GiB${gpus.map((gpu) => `, ${gpu}`).join('')}, ${platform}`,
    versions: `node ${node}, libtorch ${torch}, ${threads} threads`,
    training: `${(seconds / 60).toFixed(1)} minutes, ${((seconds * threads) / 3600).toFixed(2)} core-hours`,
    data: `${data.name}, hash ${data.hash}`,
  };
  const items = Object.entries(list).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<h2>How this was made</h2>\n<dl>${items.join('')}</dl>\n<details><summary>All settings</summary><pre>${escapeHtml(stringify(config))}</pre></details>`;
}
