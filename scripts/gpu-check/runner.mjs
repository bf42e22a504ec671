/**
 * @file Runs each part of the check as a child process with a time limit of its own and writes down what became of it: its
 * outcome, its last words, and its result, which is kept even where it crashed. All output goes into log.txt as it comes.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of a part's stderr, in the JSON. */
const TAIL = 3000;
/** Of a part's stderr, in memory. */
const KEPT = 8 << 20;

export class Runner {
  #children = new Set();

  /**
   * @param started when the clock of `seconds` began, in ms since 1970
   * @param patience multiplies the time limit of every part
   */
  constructor({ out, work, mode, seconds, started, patience = 1, about }) {
    Object.assign(this, { out, work, seconds, started, patience });
    this.file = join(out, `${mode}.json`);
    this.results = {
      format: 2,
      mode,
      date: new Date().toISOString(),
      ...about,
      passed: false,
      failures: [],
      parts: {},
    };
    mkdirSync(join(work, 'parts'), { recursive: true });
    process.on('exit', () => this.stop());
  }

  now() {
    return (Date.now() - this.started) / 1000;
  }

  left() {
    return this.seconds - this.now();
  }

  say(text) {
    const line = `${this.now().toFixed(1).padStart(6)} s  ${text}`;
    console.log(line);
    this.log(`${line}\n`);
  }

  log(text) {
    appendFileSync(join(this.out, 'log.txt'), text);
  }

  write() {
    writeFileSync(`${this.file}.partial`, `${JSON.stringify({ ...this.results, took: this.now() }, null, 1)}\n`);
    renameSync(`${this.file}.partial`, this.file);
  }

  stop() {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  skip(name, why) {
    this.results.parts[name] = { status: 'skipped', why };
    this.say(`SKIPPED ${name}: ${why}`);
    this.write();
    return { status: 'skipped', result: null, stderr: '' };
  }

  /** A function of a module in this folder. Its result goes under its name, unless `keep` is false. */
  async part(name, module, fn, options, { limit, least = 5, env = {}, keep = true, reserve = 0 } = {}) {
    const file = join(this.work, 'parts', `${name.replace(/\W+/g, '-')}.json`);
    rmSync(file, { force: true });
    const args = [join(import.meta.dirname, 'part.mjs'), module, fn, JSON.stringify(options), file];
    let known = { done: false, value: null };
    const read = () => {
      try {
        known = JSON.parse(readFileSync(file, 'utf8'));
      } catch {}
      return known.done;
    };
    const ended = await this.run(name, process.execPath, args, { limit, least, env, reserve, wanted: read });
    const result = known.value;
    if (keep && result !== null) this.results[name] = result;
    this.write();
    return { ...ended, result };
  }

  /**
   * @param limit seconds the process may take; never more than the check has left without `reserve`
   * @param least seconds below which it is not started
   * @param onChild is called with the child when it runs
   * @param wanted whether it did what it was to do, by exit status and signal; by default where the status is 0
   * @param optional its failure is no failure of the check
   * @returns {{ status: 'ok' | 'failed' | 'crashed' | 'timeout' | 'skipped', stdout: string, stderr: string }}
   */
  run(
    name,
    command,
    args,
    { limit = 60, least = 5, env = {}, cwd = this.work, reserve = 0, onChild, wanted, optional = false } = {},
  ) {
    const room = this.left() - reserve;
    if (room < least) return Promise.resolve(this.skip(name, `${room.toFixed(0)} s were left`));
    const most = Math.min(limit * this.patience, room);
    const began = this.now();
    return new Promise((resolve) => {
      const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
      this.#children.add(child);
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
        setTimeout(() => end(null, 'SIGKILL', 'it does not even end when it is killed'), 3000).unref();
      }, most * 1000);
      const kept = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr']) {
        child[stream].setEncoding('utf8').on('data', (text) => {
          this.log(text.replace(/^(?=.)/gm, `[${name}] `));
          kept[stream] = (kept[stream] + text).slice(-KEPT);
        });
      }
      let finished = false;
      const end = (code, signal, error) => {
        if (finished) return;
        finished = true;
        clearTimeout(timer);
        this.#children.delete(child);
        const seconds = this.now() - began;
        const done = wanted?.(code, signal) ?? code === 0;
        const status = done ? 'ok' : timedOut ? 'timeout' : signal !== null ? 'crashed' : 'failed';
        const entry = { status, at: began, seconds };
        if (done && code !== 0) entry.ended = signal ?? code; // after all was written down
        if (status !== 'ok') Object.assign(entry, { code, signal, error: error ?? kept.stderr.slice(-TAIL) });
        this.results.parts[name] = entry;
        if (status !== 'ok' && !optional) this.results.failures.push({ part: name, status, message: entry.error });
        this.say(`${status === 'ok' ? 'ok      ' : status.toUpperCase().padEnd(8)} ${name}, ${seconds.toFixed(1)} s`);
        this.write();
        resolve({ status, code, signal, seconds, ...kept });
      };
      child.on('error', (error) => end(null, null, error.message));
      child.on('close', (code, signal) => end(code, signal));
      // A grandchild that holds the pipes open must not hold up the check.
      child.on('exit', (code, signal) => setTimeout(() => end(code, signal), 2000).unref());
      onChild?.(child);
    });
  }

  /** Runs functions that return promises, at most so many at once, in this order. */
  static async atOnce(count, tasks) {
    const waiting = [...tasks];
    const worker = async () => {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task();
    };
    await Promise.all(Array.from({ length: count }, worker));
  }
}
