/** @file The measured rows as a table in Markdown. */

/** A row that asks for at most or at least a value. */
export const missed = ({ value, target }) =>
  target.most === undefined ? value.median < target.least : value.median > target.most;

const number = (x) => (Math.abs(x) >= 100 ? x.toFixed(0) : x.toFixed(2));

function row(result) {
  const { name, value, target, detail } = result;
  const wanted = target.most === undefined ? `>= ${target.least}` : `<= ${target.most}`;
  const spread = value.low === value.high ? '' : ` (${number(value.low)} to ${number(value.high)})`;
  return `| ${name} | ${wanted}${target.unit} | ${number(value.median)}${target.unit}${spread} | ${missed(result) ? 'no' : 'yes'} | ${detail} |`;
}

export function markdown({ date, cpu, cores, memoryGiB, platform, load, versions, quick, results }) {
  return [
    `${date}, ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, load ${load} at the end${quick ? ', --quick' : ''}`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}; two threads on both sides`,
    '',
    '| what | target | measured: median (least to largest) | reached | in numbers |',
    '|---|---|---|---|---|',
    ...results.map(row),
  ].join('\n');
}
