/**
 * @file A run folder: config.yaml, environment.json, metrics.jsonl, train.log, checkpoints/, summary.json. Whole files are
 * replaced in one rename; logs only grow, and are cut back to the checkpoint when a run is resumed.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { atomicWrite, fileError, writeAll } from '@twoview/torch';
import { stringify } from 'yaml';
import type { RunKind } from '../config/recorded.js';
import { withoutAuto } from '../config/without-auto.js';
import { TwoviewError } from '../errors.js';
import { environment, MEMORY_FORMAT } from './environment.js';
import { lockRun, type RunLock } from './lock.js';
import { damaged, readJson } from './read-json.js';
import { readConfig, requireSameConfig } from './run-config.js';
import { isRemembered, remembered, requireSame, type SeenImages } from './same-images.js';

export interface MetricLine {
  step: number;
  epoch: number;
  [name: string]: number | string;
}

export class RunFolder {
  readonly #lock: RunLock;

  private constructor(
    readonly path: string,
    lock: RunLock,
  ) {
    this.#lock = lock;
  }

  /**
   * The settings with `auto` replaced by what it became, for good: a run that is resumed elsewhere must not choose again.
   *
   * @param found what each `auto` becomes where the run does not say yet
   */
  resolveAuto<Config extends Record<string, unknown>>(config: Config, found: Partial<Config> = {}): Config {
    const recorded = readConfig(this.path);
    const resolved = withoutAuto(config, recorded, found);
    this.writeText('config.yaml', stringify({ ...recorded, ...resolved }));
    const { device, precision, threads } = resolved;
    if ('precision' in found) this.#addToEnvironment({ device, precision, threads, memoryFormat: MEMORY_FORMAT });
    return resolved;
  }

  #addToEnvironment(resolved: object): void {
    const file = this.file('environment.json');
    if (!existsSync(file)) return;
    this.writeJson('environment.json', { ...(readJson(file) as object), ...resolved });
  }

  /**
   * Makes a new run, or resumes one.
   *
   * @throws TwoviewError RUN_EXISTS, RUN_CONFIG_MISMATCH, RUN_LOCKED; TorchError DISK_FULL, FILE_ACCESS
   */
  static async open(path: string, kind: RunKind, config: object, resume: boolean): Promise<RunFolder> {
    const used = existsSync(path) && readdirSync(path).length > 0;
    if (used && !(resume && isRun(path))) throw exists(path);
    attempt(path, () => mkdirSync(join(path, 'checkpoints'), { recursive: true }));
    const run = new RunFolder(path, await lockRun(path));
    try {
      run.#sweep();
      const wanted = { kind, ...config };
      if (existsSync(run.file('config.yaml'))) requireSameConfig(path, wanted);
      else {
        run.writeText('config.yaml', stringify(wanted));
        run.writeJson('environment.json', environment());
      }
    } catch (error) {
      await run.close();
      throw error;
    }
    return run;
  }

  /** @throws TwoviewError RUN_DATA_CHANGED where the run began with other images */
  requireImages(images: Record<string, SeenImages>): void {
    const file = this.file('images.json');
    const read = existsSync(file) ? readJson(file) : {};
    if (typeof read !== 'object' || read === null) throw damaged(file, 'it holds no sets of images');
    const known = read as Record<string, unknown>;
    const now = Object.fromEntries(Object.entries(images).map(([setting, set]) => [setting, remembered(set)]));
    for (const [setting, set] of Object.entries(now)) {
      const was = known[setting];
      if (was === undefined) continue;
      if (!isRemembered(was)) throw damaged(file, `what it says of --${setting} is incomplete`);
      requireSame(this.path, setting, was, set);
    }
    this.writeJson('images.json', { ...known, ...now });
  }

  /**
   * Opens a run for a job and closes it after. A new run that fails before its first step leaves no folder behind; one that
   * was there stays, whatever happens.
   *
   * @param images what it sees, by the setting that names it
   * @throws TwoviewError as `open` and `requireImages`, and what the job throws
   */
  static async during<Result>(
    path: string,
    kind: RunKind,
    config: { resume: boolean },
    images: Record<string, SeenImages>,
    job: (run: RunFolder) => Promise<Result>,
  ): Promise<Result> {
    const isNew = !existsSync(path) || readdirSync(path).length === 0;
    const run = await RunFolder.open(path, kind, config, config.resume);
    try {
      run.requireImages(images);
      return await job(run);
    } finally {
      await run.close();
      const begun = ['metrics.jsonl', 'summary.json', 'cells', 'pretrain', 'transfer'].some((name) =>
        existsSync(run.file(name)),
      );
      if (isNew && !begun) rmSync(path, { recursive: true, force: true });
    }
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  writeText(name: string, text: string): void {
    atomicWrite(this.file(name), (file) => writeAll(file, Buffer.from(text)));
  }

  writeJson(name: string, value: unknown): void {
    this.writeText(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** One line of metrics.jsonl: what was measured, never how long it took, so that a resumed run ends with the same bytes. */
  metric(line: MetricLine): void {
    this.#append('metrics.jsonl', JSON.stringify(line));
  }

  log(text: string): void {
    this.#append('train.log', `${new Date().toISOString()} ${text}`);
  }

  #append(name: string, line: string): void {
    this.#lock.check();
    attempt(this.file(name), () => appendFileSync(this.file(name), `${line}\n`));
  }

  /** Brings the metrics to the disk itself, so that they survive a power cut. */
  flush(): void {
    attempt(this.file('metrics.jsonl'), () => {
      const file = openSync(this.file('metrics.jsonl'), 'a'); // a run without a step has none yet
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
  }

  /** Removes the half files of a process that was killed while it wrote. */
  #sweep(): void {
    for (const folder of [this.path, this.file('checkpoints')]) {
      for (const name of readdirSync(folder)) {
        if (name.includes('.partial-')) rmSync(join(folder, name), { force: true });
      }
    }
  }

  /** Drops the metrics of steps after the checkpoint that a run goes on from. */
  keepMetricsUpTo(step: number): void {
    if (!existsSync(this.file('metrics.jsonl'))) return;
    const kept = readMetrics(this.path).filter((line) => line.step <= step);
    this.writeText('metrics.jsonl', kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  close(): Promise<void> {
    return this.#lock.release();
  }
}

/** What a training needs of its run folder. */
export type Run = Pick<
  RunFolder,
  'path' | 'file' | 'resolveAuto' | 'writeText' | 'writeJson' | 'metric' | 'log' | 'flush' | 'keepMetricsUpTo'
>;

/** A last line that a crash cut short is left out. */
export function readMetrics(path: string): MetricLine[] {
  const file = join(path, 'metrics.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as MetricLine];
    } catch {
      return [];
    }
  });
}

/** A run, or the beginnings of one that was killed before it wrote its settings. */
function isRun(path: string): boolean {
  if (existsSync(join(path, 'config.yaml'))) return true;
  return readdirSync(path).every((name) =>
    /^(checkpoints|\.lock|\.owner.*|\.claim.*|config\.yaml\.partial-.*)$/.test(name),
  );
}

/** @throws TorchError DISK_FULL, FILE_ACCESS for what the operating system refuses */
function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw fileError(path, error);
  }
}

function exists(path: string): TwoviewError {
  return new TwoviewError('RUN_EXISTS', {
    what: isRun(path) ? 'this folder already holds a run' : 'this folder is not empty, and what it holds is no run',
    where: `--out ${path}`,
    next: [
      ...(isRun(path) ? [`--out ${path} --resume  goes on with it`] : []),
      '--out OTHER  starts a new one beside it',
    ],
  });
}
