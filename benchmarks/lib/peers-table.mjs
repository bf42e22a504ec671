/** @file The peers' rows as a table in Markdown, and whether all learnt the same. */

/** Half of the steps, the later ones, of all rounds. */
const later = ({ losses }) => losses.flatMap((of) => of.slice(Math.floor(of.length / 2)));
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values) =>
  values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0) / Math.max(1, values.length - 1);

/**
 * From equal weights all must have come equally far: the mean losses of the later steps differ by no more than three standard
 * errors, and a hundredth on top for what differs in the projection head.
 */
export function agreement(rows, ours) {
  return rows
    .filter(({ contender }) => contender !== ours)
    .flatMap((row) => {
      const own = rows.find(({ contender, model }) => contender === ours && model === row.model);
      if (own === undefined) return [];
      const [a, b] = [later(own), later(row)];
      const allowed = 3 * Math.sqrt(variance(a) / a.length + variance(b) / b.length) + 0.01;
      const difference = mean(b) - mean(a);
      return [
        { model: row.model, contender: row.contender, difference, allowed, agrees: Math.abs(difference) <= allowed },
      ];
    });
}

export function peersMarkdown(
  { date, cpu, cores, memoryGiB, platform, load, versions, batch, steps, rounds, rows, agreement: all },
  ours,
) {
  const spread = ({ ratio }) =>
    ratio ? `${ratio.median.toFixed(2)}x (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})` : '';
  const line = (row) => {
    const agrees = all.find(({ model, contender }) => model === row.model && contender === row.contender);
    return [
      ...[row.model, row.contender === ours ? `**${ours}**` : row.contender, row.viewsPerSecond.toFixed(1)],
      ...[row.contender === ours ? '' : spread(row), row.peakMemoryMiB.toFixed(0), row.secondsToFirstStep.toFixed(1)],
      ...[row.coreSecondsPerEpoch.toFixed(0), mean(later(row)).toFixed(3)],
      agrees === undefined ? '' : agrees.agrees ? 'yes' : 'no',
    ];
  };
  const head = ['network', 'contender', 'views/s', `${ours} over it`, 'peak memory, MiB', 'first step after, s'];
  const table = [[...head, 'core-seconds an epoch of 50,000', 'later loss', 'learns the same'], ...rows.map(line)];
  const [first, ...others] = table.map((cells) => `| ${cells.join(' | ')} |`);
  return [
    `${date}, ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, load ${load} at the end`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `${2 * batch} views a step, 32 x 32 pixels, CIFAR stem, two threads; ${steps} steps in ${rounds} rounds`,
    '',
    first,
    `|${'---|'.repeat(table[0].length)}`,
    ...others,
  ].join('\n');
}
