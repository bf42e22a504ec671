/** @file What a long job says while it works. The command line draws it; a program may do as it likes. */
import type { Tensor } from '@twoview/torch';

export type ProgressEvent =
  | { type: 'note'; text: string }
  | { type: 'warning'; text: string }
  /** A countable piece of work that is no training: files decoded, images generated, cells done. */
  | { type: 'progress'; phase: string; done: number; total: number; unit: string }
  | {
      type: 'step';
      phase: string;
      epoch: number;
      epochs: number;
      step: number;
      steps: number;
      loss: number;
      lr: number;
      imagesPerSecond: number;
      /** Share of the time that went into making the batch. */
      dataShare: number;
      etaSeconds: number;
    }
  | { type: 'metrics'; phase: string; epoch: number; epochs: number; values: Record<string, number> };

/** Representations of the same images, before a pre-training and after the epochs whose kNN is measured. */
export interface RepresentationsReport {
  /** 0: before the first step. */
  epoch: number;
  /** Indices of training images, the held-out ones first. */
  images: readonly number[];
  /** [images, d] float32 on the CPU; freed after the call. */
  features: Tensor;
}

export interface JobIo {
  onEvent?: (event: ProgressEvent) => void;
  /** Of SimCLR's pre-training alone. */
  onRepresentations?: (report: RepresentationsReport) => void;
  /** Aborting stops the job at a checkpoint. */
  signal?: AbortSignal;
}
