/**
 * @file The runs of a project: each in a child process of its own, of a lower priority than the server. Pausing stops the process where
 * it is (SIGSTOP), so that its cores are free at once, whatever a step takes; stopping waits for a checkpoint, from which it goes on
 * later with the same bytes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunCommand, RunInfo, RunMetrics } from '../api.js';
import { Child } from '../children/child.js';
import type { RunChild, RunEvent } from '../children/run-child.js';
import type { Bus } from '../events/bus.js';
import type { Project } from '../project/project.js';
import { Refusal } from '../refusal.js';
import type { Source } from '../source/source.js';
import { readRunCourse } from './run-course.js';
import { readRunMetrics } from './run-metrics.js';
import { infoOf, type RunRecord, readRecords, reportOf, writeRecord } from './run-record.js';
import { runSettings } from './run-settings.js';
import { writeRunRows, writeRunTable } from './run-table.js';
import { wakeLeftOver } from './wake-left-over.js';

interface Going {
  child: Child<RunChild>;
  stop: AbortController;
  done: Promise<void>;
}

const PROGRESS_MS = 250;
/** A step of a large network, and a checkpoint. */
const PATIENCE_MS = 60_000;
const NICE = 10;

export class Runs {
  readonly #folder: string;
  readonly #records: Map<string, RunRecord>;
  readonly #going = new Map<string, Going>();
  readonly #at = new Map<string, NonNullable<RunInfo['at']>>();
  /** When progress was last said of each. */
  readonly #said = new Map<string, number>();

  constructor(
    readonly parts: {
      project: Project;
      bus: Bus;
      source: Pick<Source, 'options' | 'trainingImages' | 'places'>;
      weights: string | null;
      /** A pre-training has finished. */
      onPretrained?: (id: string) => void;
    },
  ) {
    this.#folder = join(parts.project.folder, 'runs');
    mkdirSync(this.#folder, { recursive: true });
    this.#records = new Map(readRecords(this.#folder).map((record) => [record.id, record]));
    for (const record of this.#records.values()) {
      if (!['starting', 'running', 'paused'].includes(record.status)) continue;
      wakeLeftOver(record.pid, record.id); // its server was killed; it goes on to a checkpoint and ends
      this.#set(record, {
        status: 'stopped',
        message: 'the studio ended while it ran; it can go on from its last checkpoint',
      });
    }
  }

  get all(): RunInfo[] {
    return [...this.#records.values()]
      .map((record) => this.#info(record))
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  }

  folderOf = (id: string): string => join(this.#folder, this.#require(id).id);
  reportOf = (id: string): string => reportOf(this.#folder, this.#require(id).id);
  /** Its weights, for representations. @throws Refusal NOT_FOUND, RUN_STATE */
  encoderOf(id: string): string {
    if (!this.#info(this.#require(id)).encoder)
      throw new Refusal(
        'RUN_STATE',
        'this run has no encoder to use',
        'a pre-training or fine-tuning has one when it has ended',
      );
    return this.folderOf(id);
  }

  /** The run of this project that these weights are of. */
  idOf = (weights: string): string | null =>
    [...this.#records.keys()].find((id) => this.folderOf(id) === weights) ?? null;

  /** `RunCourse` as JSON. */
  course = (id: string): Promise<string> => readRunCourse(this.folderOf(id));
  metrics = (id: string): Promise<RunMetrics> => readRunMetrics(this.folderOf(id));

  async start(command: RunCommand, given: Record<string, unknown>): Promise<RunInfo> {
    const id = this.#newId(command);
    const { project, weights } = this.parts;
    const { options, places } = this.parts.source;
    const { source, reading } = options;
    const starts = new Map([...this.#records.keys()].map((name) => [name, join(this.#folder, name)]));
    if (weights !== null) starts.set(weights, weights); // the command line named it
    const labelled = command !== 'pretrain' || given.method === 'supervised';
    const ofFiles = project.images.every(({ path }) => path !== null);
    const data = labelled && ofFiles ? join(this.#folder, `${id}.csv`) : source;
    const settings = await runSettings(
      command,
      { ...reading, ...given },
      { data, out: join(this.#folder, id), starts },
    );
    const rows = labelled && !ofFiles ? join(this.#folder, `${id}.rows.json`) : null;
    if (rows !== null) writeRunRows(project, command, places, rows);
    else if (labelled) writeRunTable(project, command, data);
    const record: RunRecord = {
      ...{ id, command, given, settings, rows, status: 'starting', pid: null, message: null },
      startedAt: new Date().toISOString(),
    };
    this.#records.set(id, record);
    return this.#work(record, false);
  }

  pause(id: string): RunInfo {
    const record = this.#require(id, ['running', 'starting']);
    this.#going.get(id)!.child.signal('SIGSTOP');
    return this.#set(record, { status: 'paused' });
  }

  continue(id: string): RunInfo {
    const record = this.#require(id, ['paused', 'stopped', 'failed']);
    if (record.status !== 'paused') return this.#work(record, true);
    this.#going.get(id)!.child.signal('SIGCONT');
    return this.#set(record, { status: 'running' });
  }

  stop(id: string): RunInfo {
    const record = this.#require(id, ['starting', 'running', 'paused']);
    const { child, stop } = this.#going.get(id)!;
    child.signal('SIGCONT');
    stop.abort();
    return this.#set(record, { status: 'running', message: 'stopping after this step' });
  }

  /** All of them stop at a checkpoint. */
  async close(): Promise<void> {
    const all = [...this.#going.values()];
    for (const { child, stop } of all) {
      child.signal('SIGCONT');
      stop.abort();
    }
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
    await Promise.race([Promise.all(all.map(({ done }) => done)), patience]);
    await Promise.all(all.map(({ child }) => child.close()));
  }

  #work(record: RunRecord, resume: boolean): RunInfo {
    const child = new Child<RunChild>('run-child', NICE, { TWOVIEW_STUDIO_RUN: record.id });
    const stop = new AbortController();
    const { source } = this.parts;
    const settings = { ...record.settings, resume };
    const imageOf = this.#isUnlabelled(record) ? source.trainingImages : null;
    const labelled = record.rows ? { of: source.options, file: record.rows } : null;
    const call = child.call(
      'run',
      { command: record.command, settings, imageOf, labelled },
      {
        signal: stop.signal,
        onEvent: (event: RunEvent) => this.#told(record, event),
      },
    );
    const done = call
      .then(
        (end) => {
          this.#set(record, { status: end, message: end === 'stopped' ? 'stopped at a checkpoint' : null });
          if (end === 'finished' && record.command === 'pretrain') this.parts.onPretrained?.(record.id);
        },
        (error: Error) => void this.#set(record, { status: 'failed', message: error.message }),
      )
      .finally(() => {
        this.#going.delete(record.id);
        void child.close(0);
      });
    this.#going.set(record.id, { child, stop, done });
    return this.#set(record, { status: 'starting', message: null, pid: child.pid });
  }

  #isUnlabelled({ command, settings }: RunRecord): boolean {
    return command === 'pretrain' && settings.method !== 'supervised';
  }

  #told(record: RunRecord, event: RunEvent): void {
    const { bus } = this.parts;
    if (event.type === 'course') bus.emit({ type: 'map', method: 'pca', settled: false, run: record.id });
    if (event.type === 'note' || event.type === 'warning') record.message = event.text;
    if (event.type === 'metrics') bus.emit({ type: 'epoch', run: record.id, epoch: event.epoch, values: event.values });
    if (event.type !== 'step') return;
    const { epoch, epochs, step, steps, imagesPerSecond, etaSeconds, loss } = event;
    const at = { epoch, epochs, step, steps, imagesPerSecond, etaSeconds };
    this.#at.set(record.id, at);
    if (record.status === 'starting') this.#set(record, { status: 'running' });
    const now = Date.now();
    if (now - (this.#said.get(record.id) ?? 0) < PROGRESS_MS) return;
    this.#said.set(record.id, now);
    bus.emit({ type: 'progress', run: record.id, at, loss });
  }

  #set(record: RunRecord, change: Partial<RunRecord>): RunInfo {
    Object.assign(record, change);
    writeRecord(this.#folder, record);
    const info = this.#info(record);
    this.parts.bus.emit({ type: 'run', run: info });
    return info;
  }

  #info = (record: RunRecord): RunInfo => infoOf(this.#folder, record, this.#at.get(record.id) ?? null);

  #require(id: string, states?: readonly RunRecord['status'][]): RunRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw new Refusal('NOT_FOUND', `there is no run ${id}`);
    if (states !== undefined && !states.includes(record.status))
      throw new Refusal('RUN_STATE', `this run is ${record.status}`, `it must be ${states.join(' or ')}`);
    return record;
  }

  #newId(command: RunCommand): string {
    const stem = `${command}-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;
    const names = ['', ...Array.from({ length: 99 }, (_, i) => `-${i + 2}`)].map((end) => stem + end);
    return names.find((name) => !this.#records.has(name))!;
  }
}
