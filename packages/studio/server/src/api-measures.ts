/** @file How good the classifier is, and what spoils that answer: types alone, a part of api.ts. */

export interface AccuracySummary {
  /** 0 to 1. */
  accuracy: number;
  /** 95 %. */
  interval: [low: number, high: number];
  method: 'wilson' | 'prediction-powered';
  /** Exam images that it rests on. */
  n: number;
  /** Labels that the classifier learned from. */
  labels: number;
}

export interface Accuracy extends AccuracySummary {
  perClass: { class: number; n: number; recall: number | null; precision: number | null; interval: [number, number] }[];
  /** [true class][predicted class] counts, by the order of `perClass`; `examples` the exam images of each cell. */
  confusion: { counts: number[][]; examples: number[][][] };
  calibration: { low: number; high: number; n: number; certainty: number; accuracy: number }[];
  /** The number as it was after so many labels. */
  curve: { labels: number; accuracy: number; interval: [number, number] }[];
  forecast: { labels: number; accuracy: number; interval: [number, number] } | null;
  warnings: { code: string; text: string }[];
}

export interface Suspects {
  labels: { image: number; given: number; suggested: number; certainty: number }[];
  twins: { a: number; b: number; similarity: number; exact: boolean; mirrored: boolean; acrossParts: boolean }[];
  plain: number[];
  blurred: number[];
  /** Null where there is no exam yet. */
  accuracy: { with: AccuracySummary; without: AccuracySummary } | null;
  /** Which of the lists were not computed, with the reason. */
  missing: { list: 'labels' | 'twins' | 'plain' | 'blurred' | 'accuracy'; reason: string }[];
}
