/** @file What is known of every image, in typed columns. `version` changes with any of them: read it to be told. */
import { FLAGS, type ImageChanges, type ImageColumns, type LabelItem } from '../api/types.js';

class Images {
  count = $state(0);
  version = $state(0);
  /** Changes when all columns are replaced. */
  loaded = $state(0);
  /** Of the server's labels that are in the columns. */
  revision = 0;
  part = new Uint8Array();
  label = new Int32Array();
  predicted = new Int32Array();
  certainty = new Float32Array();
  cluster = new Int32Array();
  flags = new Uint8Array();

  replace(columns: ImageColumns): void {
    this.part = Uint8Array.from(columns.part);
    this.label = Int32Array.from(columns.label);
    this.predicted = Int32Array.from(columns.predicted);
    this.certainty = Float32Array.from(columns.certainty);
    this.cluster = Int32Array.from(columns.cluster);
    this.flags = Uint8Array.from(columns.flags);
    this.revision = columns.revision;
    this.count = columns.count;
    this.loaded++;
    this.version++;
  }

  /** @param portions of the changes since one revision; what changed while they were read is told again */
  apply(portions: readonly ImageChanges[]): void {
    for (const { ids, label, predicted, certainty, cluster, flags } of portions) {
      for (const [i, id] of ids.entries()) {
        this.label[id] = label[i]!;
        this.predicted[id] = predicted[i]!;
        this.certainty[id] = certainty[i]!;
        this.cluster[id] = cluster[i]!;
        this.flags[id] = flags[i]!;
      }
    }
    this.revision = portions[0]!.revision;
    this.version++;
  }

  show(items: readonly LabelItem[]): void {
    for (const { image, class: label } of items) {
      this.label[image] = label ?? -1;
      this.flags[image] = label === null ? this.flags[image]! & ~FLAGS.labelled : this.flags[image]! | FLAGS.labelled;
    }
    this.version++;
  }
}

export const images = new Images();
