/** @file What the report begins with: the result in a line for each network, and what makes a reading unsound. */
import type { Arm } from '../config/compare.js';
import { jobsOf, percent } from '../experiment/jobs.js';
import { type ExperimentSummary, isAt } from '../experiment/summarise.js';
import { counted, share, spread } from './words.js';

export function Opening({ config, data, table, cells }: ExperimentSummary) {
  const least = Math.min(...config.fractions);
  const gains = config.models.flatMap((model) => {
    const of = (arm: Arm) => table.find(isAt({ model, arm, fraction: least }));
    const [semi, scratch] = [of('semi-supervised'), of('supervised')];
    return semi === undefined || scratch === undefined ? [] : [{ model, semi, scratch }];
  });
  const tested =
    cells[0]?.evaluatedOn === 'validation' ? 'validation images, which are no test images,' : 'the whole test set';
  return (
    <>
      <h1>Label efficiency</h1>
      <p class="lead">
        {data.name}: {data.train.toLocaleString('en')} training and {data.test.toLocaleString('en')} test images;{' '}
        {counted(config.seeds, 'seed')}. Every accuracy is of {tested} after the last epoch.
      </p>
      {gains.map(({ model, semi, scratch }) => (
        <p class="result">
          <b>{model}</b> with {percent(least)} % of the labels ({semi.labels} images): SimCLR then fine-tuned{' '}
          <b>
            {share(semi.mean)}
            {spread(semi.deviation)}
          </b>
          , supervised from scratch {share(scratch.mean)}
          {spread(scratch.deviation)}.
        </p>
      ))}
    </>
  );
}

export function Warnings({ config, data, transferData, failures, cells }: ExperimentSummary) {
  const planned = jobsOf(config).filter(({ kind }) => kind === 'cell').length;
  const missing = planned - cells.length - failures.filter(({ job }) => job.startsWith('cells/')).length;
  const texts = [
    ...(missing > 0 ? [`${missing} of ${planned} classifiers are not trained yet: means are over fewer seeds.`] : []),
    ...(config.seeds < 3 ? [`${counted(config.seeds, 'seed')}: differences may be chance.`] : []),
    ...data.notes.map((note) => `${data.name}: ${note}`),
    ...(transferData?.notes ?? []).map((note) => `transfer source ${transferData!.name}: ${note}`),
    ...failures.map(({ job, error }) => `${job} failed and is left out: ${error.split('\n')[0]}`),
  ];
  if (texts.length === 0) return null;
  return (
    <div class="warn" role="note">
      <p>Read these results with care</p>
      <ul>
        {texts.map((text) => (
          <li>{text}</li>
        ))}
      </ul>
    </div>
  );
}
