/**
 * @file D: trainings of one's own, named in a file, many at once: a small network leaves most of a GPU idle, so processes share it.
 *
 * The file is JSON: { atOnce, heldOut, jobs: [{ name, after, limit, keep, steps: [[function of the library, options]] }] }. In options,
 * `@data` is the file of all images, `@validation` that of the training images, `heldOut` of which are its test images, `@run` the folder
 * of the job, `@run/JOB` that of another one, which `after` waits for. `keep` brings the job's checkpoints home.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeReady } from './ready.mjs';

/** Seconds of a job that names no limit. */
const LIMIT = 120;
const HOME = 10;

export async function planD(check) {
  const { runner, jobs: file } = check;
  if (file === null) throw new Error('--jobs is missing: a JSON file of trainings');
  const { atOnce = 12, heldOut = 5000, jobs } = JSON.parse(readFileSync(file, 'utf8'));
  const { built, data } = await makeReady(check);
  if (!built || data === null)
    return runner.skip('all that follows', built ? 'there are no images' : 'the addon was not built');
  const validation = join(runner.work, 'validation.safetensors');
  const split = { data, file: validation, count: heldOut, seed: 0 };
  const { status } = await runner.part('hold out', 'chain', 'holdOut', split, { keep: false });
  if (status !== 'ok') return runner.skip('all that follows', 'no images could be held out');
  await runJobs(check, jobs, { data, validation, atOnce });
  await bringHome(check, 'runs', jobs, 'results');
}

async function runJobs(check, jobs, { data, validation, atOnce }) {
  const { runner, device } = check;
  runner.results.jobs = {};
  const waiting = [...jobs];
  const done = new Set();
  let wake = () => {};
  let changed = new Promise((resolve) => (wake = resolve));
  const worker = async () => {
    while (waiting.length > 0) {
      const at = waiting.findIndex(({ after }) => after === undefined || done.has(after));
      if (at < 0) {
        await changed;
        continue;
      }
      const [job] = waiting.splice(at, 1);
      const places = { '@data': data, '@validation': validation, '@run': folderOf(check, job.name) };
      const steps = job.steps.map(([name, options]) => [
        name,
        { device, threads: 1, ...placed(options, check, places) },
      ]);
      const limits = { limit: job.limit ?? LIMIT, reserve: HOME, keep: false, env: { OMP_NUM_THREADS: '1' } };
      const { result } = await runner.part(job.name, 'chain', 'runChain', { device, steps }, limits);
      runner.results.jobs[job.name] = result;
      if (job.keep) await bringHome(check, fileName(job.name), [job], 'all');
      done.add(job.name);
      wake();
      changed = new Promise((resolve) => (wake = resolve));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const fileName = (job) => job.replace(/\W+/g, '-');
const folderOf = ({ runner }, job) => join(runner.work, 'runs', fileName(job));

function placed(value, check, places) {
  if (typeof value === 'string')
    return places[value] ?? (value.startsWith('@run/') ? folderOf(check, value.slice(5)) : value);
  if (Array.isArray(value)) return value.map((one) => placed(one, check, places));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, placed(one, check, places)]));
}

/** Folders of jobs, as one archive. @param what `all`, or `results`, which are without checkpoints */
function bringHome({ runner, python, out }, name, jobs, what) {
  const folders = jobs.map((job) => fileName(job.name));
  const args = [join(import.meta.dirname, 'home.py'), join(out, `${name}.tar.gz`), join(runner.work, 'runs'), what];
  return runner.run(`home ${name}`, python, [...args, ...folders], { least: 1 });
}

export const checksOfD = ({ jobs }) => ({ 'every job ended': jobs ? !Object.values(jobs).includes(null) : null });
