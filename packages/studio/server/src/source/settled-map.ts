/** @file The UMAP of all images: begun when somebody looks, shown while it settles, and kept in the project when it has. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Child } from '../children/child.js';
import type { LaidOut, MapChild } from '../children/map-child.js';
import type { Bus } from '../events/bus.js';
import type { WorkList } from '../events/work.js';

/** Below everything that somebody waits for. */
const NICE = 10;

export interface MapInputs {
  files: string[];
  /** The image of each row of the files. */
  ids: Int32Array;
  /** Images of the project. */
  count: number;
  /** Where the settled map is kept. */
  kept: string;
}

export class SettledMap {
  readonly child = new Child<MapChild>('map-child', NICE);
  readonly #inputs: MapInputs;
  readonly #parts: { bus: Bus; works: WorkList };
  #latest: Float32Array | null = null;
  #going: Promise<void> | null = null;
  #first: (() => void) | null = null;

  constructor(inputs: MapInputs, parts: { bus: Bus; works: WorkList }) {
    this.#inputs = inputs;
    this.#parts = parts;
    this.#latest = read(inputs);
  }

  /** @returns the newest map; the first call waits for the first one. @throws Refusal WORKER_FAILED */
  async now(): Promise<Float32Array> {
    if (this.#latest !== null) return this.#latest;
    const first = new Promise<void>((resolve) => {
      this.#first = resolve;
    });
    this.#going ??= this.#settle().catch((error) => {
      this.#going = null; // the next look tries again
      throw error;
    });
    await Promise.race([first, this.#going]);
    return this.#latest!;
  }

  async #settle(): Promise<void> {
    const { files, ids, count, kept } = this.#inputs;
    const work = { id: 'map', kind: 'map' as const, text: 'laying out the UMAP' };
    await this.#parts.works.during(work, async (tell) => {
      const onEvent = (map: LaidOut) => {
        tell(map.epoch, map.epochs);
        this.#show(map.positions, false);
      };
      const { positions } = await this.child.call('settle', { files, ids, count }, { onEvent });
      writeFileSync(`${kept}.partial`, new Uint8Array(positions.buffer, positions.byteOffset, positions.byteLength));
      renameSync(`${kept}.partial`, kept);
      this.#show(positions, true);
    });
  }

  #show(positions: Float32Array, settled: boolean): void {
    this.#latest = positions;
    this.#first?.();
    this.#parts.bus.emit({ type: 'map', method: 'umap', settled, run: null });
  }
}

function read({ kept, count }: MapInputs): Float32Array | null {
  if (!existsSync(kept)) return null;
  const bytes = readFileSync(kept);
  return bytes.length === 8 * count ? new Float32Array(new Uint8Array(bytes).buffer) : null; // images came or went
}
