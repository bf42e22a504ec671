/** @file Accuracy by label amount, and the labels that pre-training saves. */
import type { ComponentChildren } from 'preact';
import { ARMS } from '../config/compare.js';
import { percent } from '../experiment/jobs.js';
import { labelsSaved, type NeededInterval, neededInterval } from '../experiment/labels-saved.js';
import { type CellResult, type ExperimentSummary, isAt, whyMissing } from '../experiment/summarise.js';
import { accuracyFigure } from './figures.js';
import { drawn } from './html/drawn.js';
import { Lines } from './html/lines.js';
import type { Section } from './html/section.js';
import { Table } from './html/table.js';
import { meanAndSpread, share, spread, within } from './words.js';

export async function accuracies(summary: ExperimentSummary): Promise<Section[]> {
  const { config, table } = summary;
  const amount = (fraction: number) =>
    table.find((row) => row.fraction === fraction)?.labels.toLocaleString('en') ?? 'no';
  const head = config.fractions.map((fraction) => (
    <Lines of={[`${percent(fraction)} % of labels`, <small>{amount(fraction)} images</small>]} />
  ));
  const lines = config.models.flatMap((model) =>
    ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => ({
      name: `${model}, ${arm}`,
      values: config.fractions.map((fraction) => {
        const row = table.find(isAt({ model, arm, fraction }));
        if (row === undefined) return [whyMissing(summary, { model, arm, fraction }), ''];
        const interval = within(row);
        const others = row.withoutTwins == null ? [] : [`${share(row.withoutTwins)} without twins`]; // older summaries have none
        return [
          `${share(row.mean)}${spread(row.deviation)}`,
          [...(interval === '' ? [] : [interval]), ...others].join(', '),
        ];
      }),
    })),
  );
  const rows = lines.map(({ name, values }) => [
    name,
    ...values.map(([value, interval]) => <Lines of={interval === '' ? [value] : [value, <small>{interval}</small>]} />),
  ]);
  const words = lines
    .map(
      ({ name, values }) =>
        `${name}: ${values.map(([value, interval], i) => `${value}${interval === '' ? '' : ` (${interval})`} with ${percent(config.fractions[i]!)} % of labels`).join(', ')}`,
    )
    .join('; ');
  const figure = await drawn(
    accuracyFigure(summary),
    'Points are means over seeds, vertical bars one standard deviation, short horizontal lines the single runs.',
    `Test accuracy by label amount. ${words}`,
  );
  const body = (
    <>
      {figure}
      <Table
        caption="Test accuracy, mean ± standard deviation over seeds, and below it the 95 % confidence interval of the mean"
        head={['network, arm', ...head]}
        rows={rows}
      />
    </>
  );
  return [{ title: 'Accuracy by label amount', body }];
}

export function savedLabels({ table, cells }: ExperimentSummary): Section[] {
  const saved = labelsSaved(table);
  if (saved.length === 0) return [];
  const rows = saved.map(({ model, labels, accuracy, needed, bound }) => [
    `${model}, ${labels.toLocaleString('en')} labels`,
    share(accuracy),
    <Lines of={[`${bound} ${needed.toLocaleString('en')}`, ...interval(neededInterval(cells, model, labels))]} />,
    needed <= labels ? '–' : `${bound} ${(needed / labels).toPrecision(2)} times`,
  ]);
  const head = ['after SimCLR', 'accuracy', 'labels needed from scratch', 'labels saved'];
  const body = (
    <>
      <p>
        How many labels training from scratch needs to be as good. Between the amounts that were tried, accuracy is
        interpolated linearly in the logarithm of the number of labels. With three seeds or more, the smaller line is a
        95 % interval: the seeds were drawn anew with replacement, 2,000 times (percentile bootstrap).
      </p>
      <Table caption="Labels for the same mean accuracy" head={head} rows={rows} />
    </>
  );
  return [{ title: 'Labels saved', body }];
}

function interval(of: NeededInterval | null): ComponentChildren[] {
  if (of === null || (of.low.bound === of.high.bound && of.low.bound !== 'about')) return [];
  const words = ({ needed, bound }: NeededInterval['low']) =>
    `${bound === 'about' ? '' : `${bound} `}${needed.toLocaleString('en')}`;
  return [<small>{`${words(of.low)} to ${words(of.high)}`}</small>];
}

/** Whether an arm is as sure as it is right, and how often the class is among its first five. */
export function calibration({ cells, config, classes }: ExperimentSummary): Section[] {
  if (cells.length === 0) return [];
  const values = (cell: CellResult) => [cell.metrics.ece, ...(classes.length > 5 ? [cell.metrics.top5] : [])];
  const rows = config.models.flatMap((model) =>
    ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => [
      `${model}, ${arm}`,
      ...config.fractions.map((fraction) => {
        const mine = cells.filter(isAt({ model, arm, fraction }));
        if (mine.length === 0) return 'not run';
        return <Lines of={values(mine[0]!).map((_, i) => meanAndSpread(mine.map((cell) => values(cell)[i]!)))} />;
      }),
    ]),
  );
  const head = ['network, arm', ...config.fractions.map((fraction) => `${percent(fraction)} % of labels`)];
  const caption = `Expected calibration error${classes.length > 5 ? ', and below it top-5 accuracy' : ''}, mean ± standard deviation over seeds`;
  const body = (
    <>
      <p>Calibration: how far predicted probabilities are from accuracies (Guo et al. 2017): 0 is perfect.</p>
      <Table caption={caption} head={head} rows={rows} />
    </>
  );
  return [{ title: 'Calibration', body }];
}
