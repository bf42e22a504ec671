/** @file What a long job says while it works. The command line draws it; a program may do as it likes. */
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

export interface JobIo {
  onEvent?: (event: ProgressEvent) => void;
  /** Aborting stops the job at a checkpoint. */
  signal?: AbortSignal;
}
