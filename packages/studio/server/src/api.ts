/**
 * @file What the studio's page and server say to each other: types alone. Everything is JSON under one origin, unless a line
 * says otherwise. A request that fails answers with an HTTP status of 400 or above and an `ApiError`.
 *
 *   GET  /api/state                       State
 *   GET  /api/images                      ImageColumns        ?since=REVISION&from=IMAGE: ImageChanges
 *   GET  /api/image/:id                   ImageDetails
 *   GET  /thumb/:id                       image/webp, immutable; ?size=128|256 (default 128), the longer side in pixels
 *   GET  /view/:id/:n                     image/webp, what SimCLR may see of the image with default settings; n from 0 to 7
 *   GET  /original/:id                    image/webp, re-encoded, at most 2048 pixels
 *   POST /api/labels                      LabelRequest     -> LabelAnswer
 *   POST /api/undo, /api/redo             UndoRequest      -> UndoAnswer
 *   POST /api/classes                     ClassRequest     -> { classes: ClassInfo[] }
 *   GET  /api/labels.csv                  text/csv: path,label,part,by,at
 *   POST /api/labels.csv                  ImportRequest    -> ImportAnswer
 *   GET  /api/next?count=20&method=NAME   NextAnswer          method: max-herding (the default with an encoder), typiclust, k-medoids, random
 *   GET  /api/clusters?rows=12&size=24    ClustersAnswer
 *   GET  /api/similar/:id?count=50        SimilarAnswer
 *   GET  /api/map?method=pca|umap         application/octet-stream, Float32 little-endian [N, 2], row = image id; header X-Map-Method.
 *                                         Images that have no representation (ignored ones) are NaN, NaN.
 *   POST /api/exam                        ExamRequest      -> ExamState      once: a second one answers EXAM_EXISTS
 *   GET  /api/exam                        ExamState
 *   GET  /api/exam/next?count=10          ExamNext
 *   POST /api/exam/answers                ExamAnswers      -> LabelAnswer
 *   GET  /api/accuracy                    Accuracy
 *   GET  /api/suspects                    Suspects
 *   GET  /api/runs                        { runs: RunInfo[] }
 *   GET  /api/runs/:id/metrics            RunMetrics
 *   GET  /api/runs/:id/course             RunCourse           of a pre-training without labels; no maps for others
 *   POST /api/runs                        RunRequest       -> { run: RunInfo }
 *   POST /api/runs/:id/pause|continue|stop   {}            -> { run: RunInfo }
 *   GET  /api/schema/:command             JSON schema of its settings; command: pretrain, finetune, compare
 *   GET  /report/:id                      text/html for a sandboxed frame
 *   GET  /api/events                      server-sent events; `event:` is StudioEvent['type'], `data:` the event as JSON, `id:` a number;
 *                                         Last-Event-ID resumes; an event of type `lost` says that too much was missed: read all again
 *
 * Every POST needs `content-type: application/json` and a body of an object, if only `{}`.
 */

import type { AccuracySummary } from './api-measures.js';

export type * from './api-measures.js';
export type * from './api-runs.js';

/** The answer to every request that failed. */
export interface ApiError {
  error: {
    code: ApiErrorCode;
    /** What was wrong, in a sentence. */
    what: string;
    /** What to do about it. */
    next: string;
  };
}

export type ApiErrorCode =
  | 'BAD_REQUEST' //        400: a body or parameter is not what this address takes; `what` says which and why
  | 'NOT_SIGNED_IN' //      401: no valid cookie; open the address that the command printed
  | 'FORBIDDEN_HOST' //     403
  | 'FORBIDDEN_ORIGIN' //   403
  | 'NOT_FOUND' //          404
  | 'EXAM_EXISTS' //        409: the exam is drawn once for good
  | 'EXAM_IMAGE' //         409: an image of the exam was labelled outside of it, or one outside of it as an answer
  | 'NO_ENCODER' //         409: this needs representations, and no encoder was given with --weights
  | 'NOT_READY' //          409: this needs work that is going on; `what` says which
  | 'RUN_STATE' //          409: a run that is not going on cannot be paused, and so on
  | 'TOO_LARGE' //          413
  | 'NOT_JSON' //           415
  | 'IMAGE_UNREADABLE' //   422: the file is damaged, of another kind, too large, or a link that leaves the source
  | 'WORKER_FAILED' //      500: the child process that does heavy work ended or raised; `what` has its words
  | 'NOT_YET'; //           501: the mathematics of this answer is not in this version

export type Part = 'train' | 'val' | 'test';
/** In `ImageColumns.part`: the index in this list. */
export type PartIndex = 0 | 1 | 2; // train, val, test

export interface ClassInfo {
  /** Never used twice; what `LabelItem.class` and the column `label` hold. */
  id: number;
  name: string;
  /** The key that gives this class, '1' to '9' or a letter; null for none. */
  key: string | null;
  /** Images that have this label now, the exam's included. */
  count: number;
}

export interface State {
  /** As the command was given it. */
  source: string;
  /** Of the set. */
  name: string;
  project: string;
  /** scanning: the list of images is not known yet, and /api/images is empty; decoding: listed and shown, the store is being made. */
  phase: 'scanning' | 'decoding' | 'ready' | 'failed';
  /** Why, where phase is failed. */
  failure: string | null;
  images: number;
  parts: Record<Part, { images: number; labelled: number }>;
  classes: ClassInfo[];
  /** Null until --weights or a run of this project is used. */
  encoder: EncoderInfo | null;
  /** Everyone who has labelled, the last one first. */
  people: string[];
  exam: ExamState | null;
  ignored: { path: string; reason: string }[];
  /** What the reader of the source said: split made here, links followed, files left alone. */
  notes: string[];
  work: Work[];
  /** Of labels and classes; rises with each change. */
  revision: number;
  canUndo: boolean;
  canRedo: boolean;
}

export interface EncoderInfo {
  /** A run folder or a weights file, as it was named. */
  weights: string;
  /** The run of this project that they are of. */
  run: string | null;
  model: string;
  featureSize: number;
  /** Representations computed so far; /api/similar, /api/map and /api/next need all of them. */
  done: number;
  total: number;
}

/** What is going on in a child process. */
export interface Work {
  id: string;
  kind: 'scan' | 'decode' | 'features' | 'map' | 'run';
  /** For people: "decoding photographs". */
  text: string;
  done: number;
  /** 0 where it is not known. */
  total: number;
}

/** All images, as columns of equal length; an image's id is its place. The ids of a project never change. */
export interface ImageColumns {
  revision: number;
  count: number;
  part: PartIndex[];
  /** Class ids; -1 for none. Labels of exam images are -1 here: they are seen in the exam and in the accuracy alone. */
  label: number[];
  /** Class ids, by a ridge head on the labels so far; -1 where nothing is predicted: no encoder, fewer than two classes, the exam. */
  predicted: number[];
  /** 0 to 1, the probability of the predicted class, calibrated on left-out labels; 0 where nothing is predicted. */
  certainty: number[];
  /** -1 where there are no clusters. */
  cluster: number[];
  /** Sums of `FLAGS`. */
  flags: number[];
}

export const FLAGS = { twin: 1, plain: 2, blurred: 4, ignored: 8, exam: 16, labelled: 32 } as const;

/**
 * The images that differ from revision `since`, in portions; each list has one entry for each of `ids`. Ask again with `from` of `next` until
 * that is null; then the page has all of the first portion's revision, and changes that came meanwhile differ from it.
 */
export interface ImageChanges extends Omit<ImageColumns, 'count' | 'part'> {
  since: number;
  next: number | null;
  ids: number[];
}

export interface LabelRecord {
  /** null: the label was removed. */
  class: number | null;
  by: string;
  from: LabelSource | 'exam' | 'source' | 'undo' | 'redo';
  /** ISO 8601. */
  at: string;
}

export interface ImageDetails {
  id: number;
  /** From the source's folder; null for sets that are not files of pictures. A file name is text: never markup. */
  path: string | null;
  /** What people call it: the path, or "train 123". */
  title: string;
  part: Part;
  /** Pixels of the original; null where it cannot be read. */
  size: { width: number; height: number } | null;
  bytes: number | null;
  ignored: string | null;
  /** The oldest first; empty for exam images. */
  history: LabelRecord[];
  /** By cosine similarity, the nearest first; empty without representations. */
  neighbours: Record<Part, Neighbour[]>;
  /** By class, the likeliest first. */
  predictions: { class: number; probability: number; by: string }[];
}

export interface Neighbour {
  id: number;
  similarity: number;
}

export type LabelSource = 'grid' | 'next' | 'clusters' | 'suspects' | 'import';

export interface LabelItem {
  image: number;
  /** null removes the label. */
  class: number | null;
}

/** All items become durable together, and are undone together. At most 5,000 items. */
export interface LabelRequest {
  items: LabelItem[];
  /** Who: any text of 1 to 80 characters. */
  by: string;
  from: LabelSource;
}

/** When it comes, the labels are on the disk. */
export interface LabelAnswer {
  revision: number;
  classes: ClassInfo[];
  /** Null where there is no number yet; the event `accuracy` brings a newer one. */
  accuracy: AccuracySummary | null;
  canUndo: boolean;
  canRedo: boolean;
}

/** Undoes the last change of this person that is not undone. */
export interface UndoRequest {
  by: string;
}

export interface UndoAnswer extends LabelAnswer {
  /** The images that changed; empty where there was nothing to undo. */
  changed: number[];
}

export type ClassRequest =
  | { add: { name: string; key?: string | null } }
  | { rename: { id: number; name: string } }
  | { key: { id: number; key: string | null } };

/** The text of a CSV with a header: path (or index and part, for sets without files), label. Unknown classes are added. */
export interface ImportRequest {
  csv: string;
  by: string;
}

export interface ImportAnswer extends LabelAnswer {
  imported: number;
  /** Lines that name no image, or an image of the exam, or give no label: none is skipped in silence. */
  left: { line: number; reason: string }[];
  added: string[];
}

export interface NextAnswer {
  /** In the order in which to label them; never of the exam, never labelled. */
  images: number[];
  /** What chose them: 'max-herding', 'typiclust', 'random', ... */
  method: string;
  /** For people: why these. */
  why: string;
}

export interface ClustersAnswer {
  rows: {
    /** Unlabelled, not of the exam, the most typical first. */
    images: number[];
    /** The class that the labelled neighbours propose; null where they propose none. */
    proposed: number | null;
    /** 0 to 1. */
    certainty: number;
  }[];
}

export interface SimilarAnswer {
  neighbours: Neighbour[];
}

export interface ExamRequest {
  /** 10 to 10,000, and at most half of the images. */
  size: number;
}

export interface ExamState {
  size: number;
  answered: number;
  drawnAt: string;
  /** From which images it was drawn: the test part where there is one, else all. */
  from: Part | 'all';
}

export interface ExamNext {
  /** No suggestion, no prediction, no neighbour. */
  images: number[];
  left: number;
}

export interface ExamAnswers {
  items: { image: number; class: number }[];
  by: string;
}
