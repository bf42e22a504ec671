/**
 * @file A run folder: config.yaml, environment.json, metrics.jsonl, train.log, checkpoints/, summary.json. Whole files are
 * replaced in one rename; logs only grow, and are cut back to the checkpoint when a run is taken up.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import lockfile from 'proper-lockfile';
import { parse, stringify } from 'yaml';
import { TwoviewError } from '../errors.js';
import { environment } from './environment.js';

export type RunKind = 'pretrain' | 'finetune' | 'experiment';

export interface MetricLine {
  step: number;
  epoch: number;
  [name: string]: number | string;
}

export class RunFolder {
  readonly #release: () => Promise<void>;

  private constructor(
    readonly path: string,
    release: () => Promise<void>,
  ) {
    this.#release = release;
  }

  /**
   * The settings with `auto` replaced by what it became, for good: a run taken up elsewhere must not choose again.
   *
   * @param found what each `auto` becomes where the run does not say yet
   */
  settle<Config extends Record<string, unknown>>(config: Config, found: Partial<Config> = {}): Config {
    const recorded = readConfig(this.path);
    const settled: Record<string, unknown> = { ...config };
    for (const [key, value] of Object.entries(config)) {
      if (value !== 'auto') continue;
      const known = recorded[key];
      settled[key] = known === undefined || known === 'auto' ? (found[key as keyof Config] ?? 'auto') : known;
    }
    this.writeText('config.yaml', stringify({ ...recorded, ...settled }));
    return settled as Config;
  }

  /**
   * Makes a new run, or takes one up.
   *
   * @throws TwoviewError RUN_EXISTS, RUN_CONFIG_MISMATCH, RUN_LOCKED
   */
  static async open(path: string, kind: RunKind, config: object, resume: boolean): Promise<RunFolder> {
    const used = existsSync(path) && readdirSync(path).length > 0;
    if (used && !resume) throw exists(path);
    mkdirSync(join(path, 'checkpoints'), { recursive: true });
    const run = new RunFolder(path, await lock(path));
    try {
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

  /**
   * Opens a run for a job and closes it after. A new run that fails before its first step leaves no folder behind.
   *
   * @throws TwoviewError as `open`, and what the job throws
   */
  static async during<Result>(
    path: string,
    kind: RunKind,
    config: { resume: boolean },
    job: (run: RunFolder) => Promise<Result>,
  ): Promise<Result> {
    const run = await RunFolder.open(path, kind, config, config.resume);
    try {
      return await job(run);
    } finally {
      await run.close();
      const begun = ['metrics.jsonl', 'summary.json', 'cells', 'pretrain', 'transfer'].some((name) =>
        existsSync(run.file(name)),
      );
      const checkpoints = run.file('checkpoints');
      if (!begun && readdirSync(checkpoints).length === 0) rmSync(path, { recursive: true });
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

  /** One line of metrics.jsonl: what was measured, never how long it took, so that a run taken up ends with the same bytes. */
  metric(line: MetricLine): void {
    appendFileSync(this.file('metrics.jsonl'), `${JSON.stringify(line)}\n`);
  }

  log(text: string): void {
    appendFileSync(this.file('train.log'), `${new Date().toISOString()} ${text}\n`);
  }

  /** Drops the metrics of steps after the checkpoint that a run goes on from. */
  keepMetricsUpTo(step: number): void {
    if (!existsSync(this.file('metrics.jsonl'))) return;
    const kept = readMetrics(this.path).filter((line) => line.step <= step);
    this.writeText('metrics.jsonl', kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  async close(): Promise<void> {
    rmSync(this.file('.owner'), { force: true });
    await this.#release();
  }
}

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

/** @throws TwoviewError RUN_NOT_FOUND */
export function readConfig(path: string): Record<string, unknown> & { kind: RunKind } {
  const file = join(path, 'config.yaml');
  if (existsSync(file)) return parse(readFileSync(file, 'utf8'));
  throw new TwoviewError('RUN_NOT_FOUND', {
    what: 'this folder holds no run',
    where: path,
    next: ['name a folder that pretrain, finetune or compare wrote with --out'],
  });
}

/** Settings that say where and how to go on, not what to compute. */
const FREE = new Set(['resume', 'out', 'threads']);

function requireSameConfig(path: string, wanted: Record<string, unknown>): void {
  const was = readConfig(path) as Record<string, unknown>;
  const now = parse(stringify(wanted)) as Record<string, unknown>;
  const keys = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((key) => !FREE.has(key));
  const different = keys.filter((key) => now[key] !== 'auto' && JSON.stringify(was[key]) !== JSON.stringify(now[key]));
  if (different.length === 0) return;
  throw new TwoviewError('RUN_CONFIG_MISMATCH', {
    what: `this run was made with other settings:\n  ${different.map((key) => `${key}: ${JSON.stringify(was[key])} there, ${JSON.stringify(now[key])} here`).join('\n  ')}`,
    where: join(path, 'config.yaml'),
    next: ['give the same settings again', '--out OTHER  starts a new run'],
  });
}

function exists(path: string): TwoviewError {
  return new TwoviewError('RUN_EXISTS', {
    what: existsSync(join(path, 'config.yaml')) ? 'this folder already holds a run' : 'this folder is not empty',
    where: `--out ${path}`,
    next: [`--out ${path} --resume  goes on with it`, '--out OTHER  starts a new one beside it'],
  });
}

async function lock(path: string): Promise<() => Promise<void>> {
  try {
    const release = await lockfile.lock(path, { stale: 15_000, lockfilePath: join(path, '.lock') });
    writeFileSync(join(path, '.owner'), `${process.pid}\n`);
    return release;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    const owner = existsSync(join(path, '.owner')) ? readFileSync(join(path, '.owner'), 'utf8').trim() : 'unknown';
    throw new TwoviewError('RUN_LOCKED', {
      what: 'another process works on this run',
      where: `${path}, process ${owner}`,
      next: ['wait for it, or stop it; a lock left by a killed process ends after 15 seconds'],
    });
  }
}
