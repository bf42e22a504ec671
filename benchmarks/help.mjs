/** @file How long `twoview --help` takes, the start of Node and all; beside it what Node alone takes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTurns, seconds, summary } from './lib/statistics.mjs';

const TWOVIEW = fileURLToPath(new URL('../packages/twoview/bin/twoview.js', import.meta.url));

export async function* measure({ quick }) {
  const run =
    (...args) =>
    () =>
      1000 *
      seconds(() => {
        const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
        if (status !== 0 || stdout.length < 10) throw new Error(`node ${args.join(' ')} ended with ${status}`);
      });
  const found = await inTurns(quick ? 5 : 21, run(TWOVIEW, '--help'), run('-p', '"nothing else"'));
  yield {
    name: '`twoview --help`',
    target: { most: 200, unit: ' ms' },
    value: summary(found.pairs.map(([ours]) => ours)),
    detail: `Node alone ${found.theirs.toFixed(0)} ms`,
    samples: found.pairs,
  };
}
