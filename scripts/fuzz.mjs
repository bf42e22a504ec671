#!/usr/bin/env node
/**
 * @file `npm run fuzz -- --seconds N --seed S [--from INPUT] [--only KIND]`: damaged and odd inputs of every kind. Each must be taken, or refused with a code:
 * no other error, no end of the process, no hang of 20 s, no more than 1.5 GiB.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: '' },
  },
});
const LIMIT_MS = 20_000;
const MOST_BYTES = 1.5 * 2 ** 30;
const end = Date.now() + 1000 * Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), 'twoview-fuzz-'));
const counts = new Map();
const found = [];
let next = Number(values.from);

console.log(`fuzz  seed ${values.seed}`);
while (Date.now() < end) await runFrom(next);
rmSync(folder, { recursive: true, force: true });
const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
console.log(
  `fuzz  ${total} inputs: ${[...counts]
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')}`,
);
for (const { input, what } of found) console.log(`fuzz  input ${input}: ${what}`);
console.log(
  found.length === 0 ? 'fuzz  nothing found' : `fuzz  ${found.length} found; --seed ${values.seed} repeats them`,
);
process.exitCode = found.length === 0 ? 0 : 1;

/** One child takes inputs until time is up, or until one of them ends it. */
function runFrom(first) {
  return new Promise((resolve) => {
    const child = fork(
      fileURLToPath(new URL('./fuzz/child.mjs', import.meta.url)),
      [values.seed, String(first), folder, values.only],
      {
        env: { ...process.env, TWOVIEW_DATA: join(folder, 'cache'), OMP_NUM_THREADS: '1' },
        silent: true,
      },
    );
    let at = { input: first, kind: 'start' };
    let timer = arm();
    function arm() {
      return setTimeout(() => {
        found.push({ input: at.input, what: `${at.kind}: no answer for ${LIMIT_MS / 1000} s` });
        child.kill('SIGKILL');
      }, LIMIT_MS);
    }
    child.on('message', (message) => {
      clearTimeout(timer);
      if (message.begins) at = message;
      else {
        const key = `${at.kind} ${message.outcome}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        if (message.wrong) found.push({ input: at.input, what: `${at.kind}: ${message.wrong}` });
        if (message.rss > MOST_BYTES)
          found.push({ input: at.input, what: `${at.kind}: ${(message.rss / 2 ** 30).toFixed(1)} GiB` });
        if (message.rss > MOST_BYTES || Date.now() > end) return child.kill('SIGKILL');
      }
      timer = arm();
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (at.kind === 'start' && signal !== 'SIGKILL') {
        console.error(said);
        process.exit(1);
      }
      if (signal !== 'SIGKILL')
        found.push({ input: at.input, what: `${at.kind}: the process ended (${signal ?? code})` });
      next = at.input + 1;
      resolve();
    });
  });
}
