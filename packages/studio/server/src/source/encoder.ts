/** @file The representations of all images by one encoder: computed once in a child, kept in the project, held by another child. */
import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgressEvent } from 'twoview';
import type { EncoderInfo } from '../api.js';
import { Child } from '../children/child.js';
import type { VectorsChild } from '../children/vectors-child.js';
import type { Bus } from '../events/bus.js';
import type { WorkList } from '../events/work.js';
import type { Project } from '../project/project.js';
import { Refusal } from '../refusal.js';
import { SettledMap } from './settled-map.js';
import type { Source } from './source.js';

/** Below the server, above trainings. */
const NICE = 3;
const ORDER = { train: 0, val: 1, test: 2 };

export class Encoder {
  /** Learns from labels: each label is a second of its time at worst. */
  readonly vectors = new Child<VectorsChild>('vectors-child', NICE);
  /** What is looked for does not wait for what is learned: a second process with the same representations. */
  readonly looking = new Child<VectorsChild>('vectors-child', NICE);
  /** Which run it is of, the answer says. */
  info: Omit<EncoderInfo, 'run'> | null = null;
  failure: string | null = null;
  /** Called when the child has the representations: it knows no labels then. */
  onLoad: () => void = () => {};
  #ready = false;
  #using = false;
  #files: string[] = [];
  #map: SettledMap | null = null;
  readonly #loading = new Map<Child<VectorsChild>, Promise<unknown>>();

  constructor(readonly parts: { project: Project; source: Source; bus: Bus; works: WorkList }) {}

  /** @param weights a run folder or a weights file; not hidden ones that would be downloaded */
  async use(weights: string): Promise<void> {
    const { source, bus } = this.parts;
    this.requireTime();
    const total = source.places.size;
    this.#using = true;
    this.#ready = false;
    this.failure = null;
    this.info = { weights, model: '', featureSize: 0, done: 0, total };
    try {
      await this.#represent(weights, total);
      this.#ready = true;
    } catch (error) {
      this.failure = (error as Error).message;
      throw error;
    } finally {
      this.#using = false;
      bus.emit({ type: 'state' });
    }
    this.onLoad();
    bus.emit({ type: 'map', method: 'pca', settled: true, run: null });
  }

  /** @throws Refusal NOT_READY */
  requireTime(): void {
    if (this.parts.source.set === null) throw new Refusal('NOT_READY', 'the images are being read');
    if (this.#using) throw new Refusal('NOT_READY', 'representations are being computed', 'try again when they are');
  }

  async #represent(weights: string, total: number): Promise<void> {
    const { project, source, bus, works } = this.parts;
    const files: string[] = [];
    const key = keyOf(weights, source.set!.hash);
    const work = { id: 'features', kind: 'features' as const, text: 'computing representations' };
    await works.during(work, async (tell) => {
      for (const { part, count } of source.set!.parts) {
        const out = join(project.folder, 'features', `${key}-${part}.safetensors`);
        const before = this.info!.done;
        if (!existsSync(out)) {
          const partial = `${out}.partial.safetensors`;
          for (const file of [partial, `${partial}.csv`]) rmSync(file, { force: true });
          await source.child.call(
            'embed',
            { ...source.options, weights, part, out: partial },
            {
              onEvent: (event: ProgressEvent) => {
                if (event.type !== 'progress' || event.phase !== 'features') return;
                this.info!.done = before + event.done;
                tell(this.info!.done, total);
              },
            },
          );
          rmSync(`${partial}.csv`, { force: true });
          renameSync(partial, out);
        }
        this.info!.done = before + count;
        tell(this.info!.done, total);
        files.push(out);
      }
    });
    this.#files = files;
    await this.#map?.child.close();
    const kept = join(project.folder, 'features', `${key}-umap.f32`);
    this.#map = new SettledMap({ files, ids: this.#ids, count: project.table.count, kept }, { bus, works });
    const [featureSize] = await Promise.all([this.#load(this.vectors), this.#load(this.looking)]);
    this.info!.featureSize = featureSize;
  }

  /** The child that learns from labels. @throws Refusal NO_ENCODER, NOT_READY, WORKER_FAILED */
  ask(): Promise<Child<VectorsChild>> {
    return this.#with(this.vectors);
  }

  /** The child that finds what is similar, and what to label. @throws Refusal as `ask` */
  look(): Promise<Child<VectorsChild>> {
    return this.#with(this.looking);
  }

  async #with(child: Child<VectorsChild>): Promise<Child<VectorsChild>> {
    if (this.info === null)
      throw new Refusal(
        'NO_ENCODER',
        'this needs representations, and there is no encoder',
        'pre-train one under Runs, or start the studio with --weights RUN',
      );
    if (this.failure !== null)
      throw new Refusal(
        'WORKER_FAILED',
        this.failure,
        'use the encoder of another run, or start the studio with other weights',
      );
    if (!this.#ready) throw new Refusal('NOT_READY', 'representations are being computed', 'try again when they are');
    await (child.pid === null ? this.#load(child) : this.#loading.get(child)); // one that ended has nothing any more
    return child;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** The UMAP as far as it has settled. @throws Refusal as `ask` */
  async umap(): Promise<Float32Array> {
    await this.ask();
    return await this.#map!.now();
  }

  async close(): Promise<void> {
    await Promise.all([this.vectors.close(), this.looking.close(), this.#map?.child.close(0)]);
  }

  /** The image of each row of the files. */
  get #ids(): Int32Array {
    const { places } = this.parts.source;
    const rows = [...places].sort(([, a], [, b]) => ORDER[a.part] - ORDER[b.part] || a.row - b.row);
    return Int32Array.from(rows, ([id]) => id);
  }

  async #load(child: Child<VectorsChild>): Promise<number> {
    const loading = child.call('load', { files: this.#files, ids: this.#ids });
    this.#loading.set(child, loading);
    const { featureSize } = await loading;
    if (this.#ready && child === this.vectors) this.onLoad(); // anew, since the one before ended
    return featureSize;
  }
}

/** Other weights or other images have other representations. */
function keyOf(weights: string, images: string): string {
  const file = join(weights, 'checkpoints', 'last.safetensors');
  const state = [weights, file].filter(existsSync).map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${path} ${size} ${mtimeMs}`;
  });
  return createHash('sha256')
    .update(JSON.stringify([weights, state, images]))
    .digest('hex')
    .slice(0, 16);
}
