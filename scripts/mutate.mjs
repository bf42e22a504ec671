#!/usr/bin/env node
/**
 * @file Mutation testing: changes the code in one place, runs the test files that reach it from the same folder or name what it
 * exports, then those that run whole jobs, and sees whether one fails. A change that none notices is printed: either a test is missing, or the place means nothing.
 *
 *   npm run mutate -- [--folders ssl,evaluate,augment,finetune] [--count 100] [--seed 1] [--json FILE] [--again FILE]
 *
 * --again tries those once more that survived in that file. Works on a copy of the repository, so that a stop leaves nothing behind.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCE = 'packages/twoview/src';
const TESTS = 'packages/twoview/test';
const SOURCES = /\.tsx?$/;
/** Longer than any test file takes on two cores; a mutant that does not end is noticed. */
const SECONDS = 240;
/** Of all of them together. */
const SECONDS_OF_ALL = 1200;

const { values: flags } = parseArgs({
  options: {
    folders: { type: 'string', default: 'ssl,evaluate,augment,finetune' },
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    again: { type: 'string' },
  },
});

/** What is changed into what; each match is a mutant. Strings and comments are left alone. */
const CHANGES = [
  [/(?<=[\w\])] )\+(?= [\w([])/g, '-'],
  [/(?<=[\w\])] )-(?= [\w([])/g, '+'],
  [/(?<=[\w\])] )\*(?= [\w([])/g, '/'],
  [/(?<=[\w\])] )\/(?= [\w([])/g, '*'],
  [/(?<=[\w\])] )<(?= [\w([])/g, '<='],
  [/(?<=[\w\])] )<=(?= [\w([])/g, '<'],
  [/(?<=[\w\])] )>(?= [\w([])/g, '>='],
  [/(?<=[\w\])] )>=(?= [\w([])/g, '>'],
  [/(?<=[\w\])'!] )===(?= )/g, '!=='],
  [/(?<=[\w\])'!] )!==(?= )/g, '==='],
  [/(?<= )&&(?= )/g, '||'],
  [/(?<= )\?\?(?= )/g, '&&'],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/Math\.min\b/g, 'Math.max'],
  [/Math\.max\b/g, 'Math.min'],
  [/Math\.floor\b/g, 'Math.ceil'],
  [/\.add\(/g, '.sub('],
  [/\.sub\(/g, '.add('],
  [/\.mul\(/g, '.div('],
  [/\.mul_\(/g, '.div_('],
  [/\.add_\(/g, '.sub_('],
  [/\.neg\(\)/g, ''],
  [/\.exp\(\)/g, '.sin()'],
  [/(?<![\w.])0\.5(?![\w.])/g, '0.25'],
  [/(?<=[(,[] ?)1(?=[),\]])/g, '2'],
  [/(?<=[(,[] ?)0(?=[),\]])/g, '1'],
];

/** With letters of strings and comments blanked out, so that nothing in them is found. */
function codeOnly(text) {
  const blank = (part) => part.replace(/[^\n]/g, '\u0000');
  return text
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{))*`/g, blank)
    .replace(/\/\/.*/g, blank)
    .replace(/^import .*$/gm, blank);
}

function mutantsOf(file) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const code = codeOnly(text);
  return CHANGES.flatMap(([pattern, to]) =>
    [...code.matchAll(pattern)].map(({ index, 0: from }) => ({
      file,
      index,
      from,
      to,
      line: text.slice(0, index).split('\n').length,
    })),
  );
}

/** Numerical Recipes' generator: the same seed picks the same mutants. */
function shuffled(list, seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

function copyOfRepository() {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-mutate-'));
  for (const file of execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)) {
    if (!/^(docs\/results|benchmarks)\//.test(file)) cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  }
  for (const modules of ['.', 'packages/twoview', 'packages/torch', 'packages/studio'].map((at) =>
    join(at, 'node_modules'),
  )) {
    try {
      symlinkSync(join(ROOT, modules), join(folder, modules));
    } catch {} // a package without modules of its own
  }
  // Workers that decode images run the compiled files.
  execFileSync(process.execPath, [join(folder, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: folder });
  return folder;
}

/** Whole jobs, from which much of the code is reached without being imported by a test. */
const JOBS = ['pretraining', 'representations', 'gradient-cache', 'library', 'distil', 'evaluation-jobs'];

const tests = readdirSync(join(ROOT, TESTS)).filter((name) => /(?<!slow)\.test\.ts$/.test(name));
const textOf = Object.fromEntries(tests.map((name) => [name, readFileSync(join(ROOT, TESTS, name), 'utf8')]));

/** The file, and those beside it that import it, directly or not. */
function reaching(file) {
  const found = new Set([file]);
  const folder = dirname(file);
  const others = readdirSync(join(ROOT, folder)).filter((name) => SOURCES.test(name));
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const name of others) {
      const text = readFileSync(join(ROOT, folder, name), 'utf8');
      if ([...found].some((one) => text.includes(`'./${basename(one).replace(SOURCES, '.js')}'`)))
        found.add(join(folder, name));
    }
  }
  return found;
}

/** Names of what a file exports, which a test may have from the package's index. */
const exportsOf = (file) =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(/^export (?:async )?(?:const|class|function\*?|let) (\w+)/gm),
  ].map(([, name]) => name);

/** Test files to run, the nearest first. */
function testsOf(file) {
  const paths = [...reaching(file)].map((one) => `../src/${relative(SOURCE, one).replace(SOURCES, '.js')}'`);
  const words = [...reaching(file)].flatMap(exportsOf).map((name) => new RegExp(`\\b${name}\\b`));
  const near = tests.filter((name) => paths.some((path) => textOf[name].includes(path)));
  const naming = tests.filter((name) => !near.includes(name) && words.some((word) => word.test(textOf[name])));
  const others = tests.filter((name) => ![...near, ...naming].includes(name));
  const jobs = others.filter((name) => JOBS.includes(name.replace('.test.ts', '')));
  return [near, naming, jobs].filter((names) => names.length > 0);
}

/** @returns whether a test failed, or did not end */
async function isNoticed(folder, file) {
  for (const names of testsOf(file)) if (!(await passes(folder, names))) return true;
  return false;
}

function passes(folder, names, seconds = SECONDS) {
  return new Promise((done) => {
    const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
    const files = names.map((name) => join(TESTS, name));
    const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', '--reporter', 'dot', ...files], {
      cwd: folder,
      stdio: 'ignore',
      detached: true,
    });
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 1000 * seconds);
    child.on('exit', (code) => {
      clearTimeout(timer);
      done(code === 0);
    });
  });
}

const folders = flags.folders.split(',');
const files = folders.flatMap((name) =>
  readdirSync(join(ROOT, SOURCE, name))
    .filter((file) => SOURCES.test(file))
    .map((file) => join(SOURCE, name, file)),
);
const all = files.flatMap(mutantsOf);
const named = ({ file, from, to, line }) => `${relative(SOURCE, file)}:${line}  ${from} -> ${to || 'nothing'}`;
const again = flags.again && JSON.parse(readFileSync(flags.again, 'utf8')).survivors.map(({ what }) => what);
const chosen = again
  ? again.map((what) => all.find((mutant) => named(mutant) === what)).filter(Boolean)
  : shuffled(all, Number(flags.seed)).slice(0, Number(flags.count));
console.log(`${all.length} mutants of ${files.length} files, ${chosen.length} of them tried, seed ${flags.seed}`);
const copy = copyOfRepository();
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
if (!(await passes(copy, [...new Set(files.flatMap((file) => testsOf(file).flat()))], SECONDS_OF_ALL)))
  throw new Error('the tests fail without any change');

const survivors = [];
for (const [i, mutant] of chosen.entries()) {
  const { file, index, from, to, line } = mutant;
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, index) + to + text.slice(index + from.length));
  const noticed = await isNoticed(copy, file);
  writeFileSync(path, text);
  const what = named(mutant);
  if (!noticed) survivors.push({ what, code: text.split('\n')[line - 1].trim() });
  console.log(`${String(i + 1).padStart(4)} ${noticed ? 'killed  ' : 'SURVIVED'} ${what}`);
}
const killed = chosen.length - survivors.length;
console.log(`killed ${killed} of ${chosen.length}: ${((100 * killed) / chosen.length).toFixed(1)} %`);
for (const { what, code } of survivors) console.log(`  ${what}\n      ${code}`);
if (flags.json !== undefined)
  writeFileSync(
    flags.json,
    `${JSON.stringify({ folders, seed: Number(flags.seed), mutants: all.length, tried: chosen.length, killed, survivors }, null, 1)}\n`,
  );
