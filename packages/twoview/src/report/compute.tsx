/** @file What each accuracy cost to compute, and what arms differ by, seed by seed. */
import { ARMS } from '../config/compare.js';
import { meanAndDeviation } from '../experiment/interval.js';
import { percent } from '../experiment/jobs.js';
import { operations } from '../experiment/operations.js';
import { differenceRows } from '../experiment/paired.js';
import { type ExperimentSummary, isAt, whyMissing } from '../experiment/summarise.js';
import { computeFigure } from './figures.js';
import { drawn } from './html/drawn.js';
import { Lines } from './html/lines.js';
import type { Section } from './html/section.js';
import { Table } from './html/table.js';
import { share } from './words.js';

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(1)}`;

/** Nothing with one arm. */
export function differences({ cells, config }: ExperimentSummary): Section[] {
  const found = differenceRows(cells, config);
  if (found.length === 0) return [];
  const rows = found.map(({ model, pair, differences }) => [
    `${model}, ${pair}`,
    ...differences.map((one) => {
      if (one === undefined) return 'not run';
      const { mean, half, n } = one;
      const interval = half === null ? `n = ${n}` : `${signed(mean - half)} to ${signed(mean + half)}, n = ${n}`;
      return <Lines of={[signed(mean), <small>{interval}</small>]} />;
    }),
  ]);
  const head = ['network, arms', ...config.fractions.map((fraction) => `${percent(fraction)} % of labels`)];
  const body = (
    <>
      <p>
        In points of accuracy. All arms of a seed have the same labels, so each difference is taken within a seed; below
        it the 95 % interval of its mean by Student’s t, where there are three seeds or more. An interval that holds 0
        means that these runs do not tell the arms apart.
      </p>
      <Table caption="Paired differences between arms" head={head} rows={rows} />
    </>
  );
  return [{ title: 'Differences between arms', body }];
}

/** Nothing for experiments of versions that did not count it. */
export async function compute(summary: ExperimentSummary): Promise<Section[]> {
  const { cells, config } = summary;
  if (cells.length === 0 || cells.some(({ total }) => total === undefined)) return [];
  const mean = (values: number[]) => meanAndDeviation(values).mean;
  const rows = config.models.flatMap((model) =>
    ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => [
      `${model}, ${arm}`,
      ...config.fractions.map((fraction) => {
        const mine = cells.filter(isAt({ model, arm, fraction }));
        if (mine.length === 0) return whyMissing(summary, { model, arm, fraction });
        const flops = mean(mine.map(({ total }) => total.flops));
        const minutes = mean(mine.map(({ total }) => total.coreSeconds)) / 60;
        return <Lines of={[operations(flops), <small>{minutes.toPrecision(3)} core-minutes</small>]} />;
      }),
    ]),
  );
  const head = ['network, arm', ...config.fractions.map((fraction) => `${percent(fraction)} % of labels`)];
  const words = summary.table.map((row) => {
    const { model, arm, labels } = row;
    const flops = mean(cells.filter(isAt(row)).map(({ total }) => total.flops));
    return `${model}, ${arm}, ${labels.toLocaleString('en')} labels: ${share(row.mean)} for ${operations(flops)}`;
  });
  const figure = await drawn(
    computeFigure(summary),
    'Numbers beside the points are labelled images.',
    `Accuracy over floating-point operations. ${words.join('; ')}`,
  );
  const body = (
    <>
      <p>
        Operations of the networks in all training steps, two for a multiply-add, pre-training or transfer source
        included; published weights, which others computed, count nothing.{' '}
        {config.equalCompute
          ? 'The arms without SimCLR were trained for as many operations as SimCLR’s pre-training and fine-tuning took together.'
          : 'The arms were not given equal compute: --equal-compute does that.'}
      </p>
      {figure}
      <Table caption="Computed for one result, the mean over seeds" head={head} rows={rows} />
    </>
  );
  return [{ title: 'Accuracy and compute', body }];
}
