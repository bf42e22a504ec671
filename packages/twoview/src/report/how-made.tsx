/** @file What it takes to make the results again. */
import { stringify } from 'yaml';
import type { ExperimentSummary } from '../experiment/summarise.js';
import type { Section } from './html/section.js';

export function howMade({ config, environment, seconds, data }: ExperimentSummary): Section[] {
  const { date, node, torch, platform, cpu, cores, threads, cpuCapability, memoryGiB, gpus, command } = environment;
  const onGpu = gpus.length > 0 && config.device !== 'cpu';
  const cost = onGpu
    ? `${(seconds / 3600).toFixed(2)} GPU-hours`
    : `${((seconds * threads) / 3600).toFixed(2)} core-hours`;
  const list = {
    command,
    date,
    machine: `${cpu}, ${cores} cores (${cpuCapability}), ${memoryGiB} GiB${gpus.map((gpu) => `, ${gpu}`).join('')}, ${platform}`,
    versions: `node ${node}, libtorch ${torch}, ${threads} threads`,
    training: `${(seconds / 60).toFixed(1)} minutes, ${cost}`,
    data: `${data.name}, hash ${data.hash}`,
  };
  const body = (
    <>
      <dl>
        {Object.entries(list).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      <details>
        <summary>All settings</summary>
        <pre>{stringify(config)}</pre>
      </details>
    </>
  );
  return [{ title: 'How this was made', body }];
}
