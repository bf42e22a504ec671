#!/usr/bin/env node
/**
 * @file `npm run bench`: measures what docs/benchmarks.md describes, prints one table, and writes JSON if asked.
 *
 *   npm run bench -- [--only row,row] [--quick] [--images FOLDER] [--json FILE]
 */
import { writeFileSync } from 'node:fs';
import * as torch from '../packages/torch/dist/src/index.js';
import { machine } from './lib/machine.mjs';
import { fail, optionsOr } from './lib/options.mjs';
import { markdown, missed } from './lib/table.mjs';

const ROWS = [
  ...[
    'first-tensor',
    'operators',
    'transformer',
    'train-step',
    'peak',
    'loop',
    'first-step',
    'micro-batch',
    'recompute',
    'processes',
    'views',
    'knn',
    'select',
    'store',
    'data',
    'photos',
    'pixels',
  ],
  ...['memory', 'help'],
];

const values = optionsOr(
  `npm run bench -- [--only row,row] [--quick] [--images FOLDER] [--json FILE]

  --only    ${ROWS.join(', ')} (all)
  --quick   few repetitions, to see that everything runs
  --images  JPEG files for the rows that read pictures (generated ones)
  --json    writes all figures to this file, anew after each row`,
  {
    only: { type: 'string', default: ROWS.join(',') },
    quick: { type: 'boolean', default: false },
    images: { type: 'string' },
    json: { type: 'string' },
  },
);
const wanted = values.only.split(',');
const unknown = wanted.filter((name) => !ROWS.includes(name));
if (unknown.length > 0) fail(`there is no row ${unknown.join(', ')}; the rows are ${ROWS.join(', ')}`);

await torch.load();
const results = [];
for (const row of wanted) {
  console.error(`bench  ${row}`);
  const { measure } = await import(`./${row}.mjs`);
  for await (const result of measure({ quick: values.quick, images: values.images })) {
    results.push({ row, ...result });
    console.error(`       ${result.name}: ${result.value.median.toFixed(2)}${result.target.unit}; ${result.detail}`);
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(await report(), null, 2)}\n`);
  torch.trimMemory(); // processes are started by forking this one, which takes the longer the more memory it holds
}

console.log(markdown(await report()));
const short = results.filter(missed);
if (short.length > 0) console.error(`bench  ${short.length} of ${results.length} rows miss their target`);

async function report() {
  return { ...(await machine()), quick: values.quick, results };
}
