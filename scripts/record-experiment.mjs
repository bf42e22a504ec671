#!/usr/bin/env node
/**
 * @file Packs an experiment without weights and without any image of the data set, small enough to keep beside its report:
 *
 *   node scripts/record-experiment.mjs EXPERIMENT RECORD.tar.xz
 *
 * Unpacked, `twoview report FOLDER --no-pictures` writes the report from it, and `twoview compare ... --out FOLDER --resume` goes on
 * with what is still missing, on any machine.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

const KEPT = ['config.yaml', 'environment.json', 'metrics.jsonl', 'elapsed.json', 'results.csv'];

const [experiment, record] = process.argv.slice(2);
if (record === undefined) {
  console.error('usage: node scripts/record-experiment.mjs EXPERIMENT RECORD.tar.xz');
  process.exit(2);
}
const staged = mkdtempSync(join(tmpdir(), 'twoview-record-'));
const folder = join(staged, basename(resolve(experiment)));
const files = readdirSync(experiment, { recursive: true, encoding: 'utf8' });
/** A run that was not ended could not go on without its weights. */
const ended = files.filter((file) => basename(file) === 'summary.json').map((file) => dirname(file));
for (const run of ended) {
  mkdirSync(join(folder, run), { recursive: true });
  const summary = JSON.parse(readFileSync(join(experiment, run, 'summary.json'), 'utf8'));
  writeFileSync(join(folder, run, 'summary.json'), `${JSON.stringify(withoutPictures(summary))}\n`);
  for (const name of KEPT.filter((one) => files.includes(join(run, one)))) {
    cpSync(join(experiment, run, name), join(folder, run, name));
  }
}
execFileSync('tar', ['-cJf', resolve(record), '-C', staged, basename(folder)]);
rmSync(staged, { recursive: true });
console.log(`${record}: ${ended.length - 1} runs`);

/** Every list that holds images as data URIs becomes an empty one. */
function withoutPictures(value) {
  if (Array.isArray(value)) return holdsPictures(value) ? [] : value.map(withoutPictures);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutPictures(one)]));
}

function holdsPictures(list) {
  const [first] = list;
  return (
    typeof first === 'object' && first !== null && Object.values(first).some((one) => /^data:image/.test(String(one)))
  );
}
