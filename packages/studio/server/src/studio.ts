/** @file Everything that a running studio is made of, and how it begins and ends. */
import { mkdirSync } from 'node:fs';
import { Bus } from './events/bus.js';
import { WorkList } from './events/work.js';
import { Pictures } from './pictures/pictures.js';
import { Project } from './project/project.js';
import { Runs } from './runs/runs.js';
import { Encoder } from './source/encoder.js';
import { Predictions } from './source/predictions.js';
import { Source } from './source/source.js';

export interface StudioOptions {
  source: string;
  /** How the source is read: settings of `openImages`. */
  reading?: Record<string, unknown>;
  project: string;
  /** A run folder or a weights file; null for none. */
  weights: string | null;
}

export class Studio {
  readonly bus = new Bus();
  readonly works = new WorkList(this.bus);
  readonly project: Project;
  readonly pictures: Pictures;
  readonly source: Source;
  readonly encoder: Encoder;
  readonly predictions: Predictions;
  readonly runs: Runs;
  /** Ends when the images are ready and represented, or it is known why not. */
  readonly opened: Promise<void>;

  /** @throws ProjectError */
  constructor(readonly options: StudioOptions) {
    const { bus, works } = this;
    const { source, project: folder, weights, reading = {} } = options;
    mkdirSync(folder, { recursive: true });
    this.project = new Project(folder, source);
    const { project } = this;
    this.pictures = new Pictures(folder);
    this.source = new Source({ source, reading }, { project, pictures: this.pictures, bus, works });
    this.encoder = new Encoder({ project, source: this.source, bus, works });
    this.predictions = new Predictions({ project, encoder: this.encoder, bus });
    this.encoder.onLoad = () => this.predictions.changed();
    this.runs = new Runs({ project, bus, source: this.source, weights, onPretrained: (id) => this.#firstEncoder(id) });
    this.opened = this.#open();
  }

  async #open(): Promise<void> {
    await this.source.open();
    const weights = this.options.weights ?? this.project.encoder;
    if (weights !== null && this.source.phase === 'ready') await this.#represent(weights);
  }

  /**
   * Represents the images by what this run has learned, from now on and when the project is opened again without weights of its own.
   *
   * @throws Refusal NOT_FOUND, RUN_STATE, NOT_READY
   */
  useEncoderOf(run: string): void {
    const weights = this.runs.encoderOf(run);
    this.encoder.requireTime();
    this.project.encoder = weights;
    void this.#represent(weights);
  }

  /** Whoever has none sees the map as soon as there is one. */
  #firstEncoder(run: string): void {
    if (this.encoder.info === null) this.useEncoderOf(run);
  }

  /** The encoder says itself why it failed. */
  async #represent(weights: string): Promise<void> {
    await this.encoder.use(weights).then(
      () => this.predictions.changed(),
      () => {},
    );
  }

  async close(): Promise<void> {
    this.predictions.close();
    await this.runs.close();
    await Promise.all([this.source.close(), this.encoder.close(), this.pictures.close()]);
    await this.opened;
    this.project.close();
  }
}
