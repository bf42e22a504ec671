/** @file Runs, and the events that all pages get: types alone, a part of api.ts. */
import type { ClassInfo, Work } from './api.js';
import type { AccuracySummary } from './api-measures.js';

export type RunCommand = 'pretrain' | 'finetune' | 'compare';
export type RunStatus = 'starting' | 'running' | 'paused' | 'stopped' | 'finished' | 'failed';

export interface RunInfo {
  id: string;
  command: RunCommand;
  status: RunStatus;
  /** ISO 8601. */
  startedAt: string;
  /** Where it is; null before the first step. Epochs count from 1, steps within their epoch. */
  at: {
    epoch: number;
    epochs: number;
    step: number;
    steps: number;
    imagesPerSecond: number;
    etaSeconds: number;
  } | null;
  /** What the run said last, or why it failed. */
  message: string | null;
  /** Whether GET /report/:id has something. */
  report: boolean;
  /** Whether its encoder may represent the images: it has ended, and has a checkpoint. */
  encoder: boolean;
  settings: Record<string, unknown>;
}

/** One row for each epoch that was measured; figures by name as `twoview` writes them: epochLoss, knn, effectiveRank, ... */
export interface RunMetrics {
  epochs: { epoch: number; values: Record<string, number> }[];
  /** The last 2,000 steps, thinned where there were more. */
  steps: { step: number; loss: number; lr: number }[];
  /** The loss of a network that knows nothing; null where the loss has no such line. */
  chance: number | null;
}

/** Maps of the same images before a pre-training and after each epoch that was measured, each laid as near as it can to the one before. */
export interface RunCourse {
  maps: {
    /** 0: before the first step. */
    epoch: number;
    images: number[];
    /** x, y of each image in whole thousandths, around 0; their root mean square distance from it is 1. */
    positions: number[];
  }[];
}

/** `settings` are those of GET /api/schema/:command, without data and out: the server adds them. */
export interface RunRequest {
  command: RunCommand;
  settings: Record<string, unknown>;
}

export type StudioEvent =
  /** Labels, classes or predictions changed: GET /api/images?since= has them; `images` are those that `by` labelled, else none. */
  | { type: 'labels'; revision: number; classes: ClassInfo[]; images: number[]; by: string }
  | { type: 'accuracy'; accuracy: AccuracySummary }
  | { type: 'progress'; run: string; at: NonNullable<RunInfo['at']>; loss: number }
  | { type: 'epoch'; run: string; epoch: number; values: Record<string, number> }
  | { type: 'map'; method: 'pca' | 'umap'; settled: boolean; run: string | null }
  | { type: 'run'; run: RunInfo }
  | { type: 'work'; work: Work; state: 'started' | 'going' | 'done' | 'failed' }
  /** The list of images or the phase changed: read /api/state and /api/images again. */
  | { type: 'state' }
  /** Events were missed that cannot be brought again. */
  | { type: 'lost' };
