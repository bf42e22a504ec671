/** @file How good the classifier of the labels so far is, on the images of the exam that were answered: all by the library's functions. */
import * as torch from '@twoview/torch';
import {
  accuracyInterval,
  calibrationBins,
  confusion,
  examWarnings,
  forecast,
  labelCurve,
  perClass,
  ridgeHead,
  type Scale,
} from 'twoview';
import type { Accuracy } from '../api.js';

export interface Answered {
  /** Rows of the labelled images, in the order in which their labels were given, and their classes by place. */
  rows: number[];
  labels: number[];
  /** The same of the exam. */
  examRows: number[];
  truth: number[];
  /** Names by place. */
  classes: string[];
}

/** What 50 more labels would bring. */
const MORE = 50;
/** Random parts of the labels for each point of the curve: each is a classifier more to fit. */
const REPEATS = 4;
const BINS = 10;

/** @param raw [N, d] of all images @returns classes by place, images by row */
export function measure(
  raw: torch.Tensor,
  scale: Scale,
  { rows, labels, examRows, truth, classes }: Answered,
): Accuracy {
  const numClasses = classes.length;
  return torch.scope(() => {
    const at = (some: readonly number[]) => raw.indexSelect(0, torch.tensor([...some], { dtype: 'int64' }));
    const given = torch.tensor([...labels], { dtype: 'int64' });
    using head = ridgeHead(at(rows), given, { numClasses, scale });
    const [most, which] = head.probabilities(raw).max(1);
    const [certainty, predicted]: [number[], number[]] = [most.tolist(), which.tolist()];
    const [examCertainty, examPredicted] = [certainty, predicted].map((of) => examRows.map((row) => of[row]!)) as [
      number[],
      number[],
    ];
    const right = truth.map((one, i): 0 | 1 => (examPredicted[i] === one ? 1 : 0));
    const seen = new Set([...rows, ...examRows]);
    const others = certainty.filter((_, row) => !seen.has(row));
    const { accuracy, low, high, method } = accuracyInterval({ examRight: right, examCertainty, certainty: others });
    const exam = { features: at(examRows), truth };
    const curve = labelCurve({ features: at(rows), labels, exam, numClasses, seed: 0, scale, repeats: REPEATS });
    const more = forecast(curve, MORE);
    const bound = (value: number) => Math.min(1, Math.max(0, value));
    return {
      ...{ accuracy, interval: [low, high] as [number, number], method, n: truth.length, labels: labels.length },
      perClass: perClass(truth, examPredicted, numClasses).map(({ found, named }, place) => ({
        ...{ class: place, n: found.n, recall: found.n === 0 ? null : found.accuracy },
        ...{ precision: named.n === 0 ? null : named.accuracy, interval: [found.low, found.high] as [number, number] },
      })),
      confusion: tableOf(confusion(truth, examPredicted, numClasses), numClasses, examRows),
      calibration: calibrationBins(right, examCertainty, { bins: BINS }).flatMap(
        ({ from, to, n, certainty, accuracy }) =>
          certainty === null ? [] : [{ low: from, high: to, n, certainty, accuracy }],
      ),
      curve: curve.points.map((point) => ({
        ...{ labels: point.labels, accuracy: point.accuracy },
        interval: [point.low, point.high] as [number, number],
      })),
      forecast: more.possible
        ? {
            ...{ labels: labels.length + MORE, accuracy: bound(accuracy + more.gain) },
            interval: [bound(accuracy + more.low), bound(accuracy + more.high)] as [number, number],
          }
        : null,
      warnings: examWarnings({ images: examRows, truth, classes, random: true, trained: rows }),
    };
  });
}

function tableOf(
  cells: ReturnType<typeof confusion>,
  numClasses: number,
  examRows: readonly number[],
): Accuracy['confusion'] {
  const empty = <T>(of: () => T): T[][] =>
    Array.from({ length: numClasses }, () => Array.from({ length: numClasses }, of));
  const [counts, examples] = [empty(() => 0), empty((): number[] => [])];
  for (const { truth, predicted, images } of cells) {
    counts[truth]![predicted] = images.length;
    examples[truth]![predicted] = images.map((place) => examRows[place]!);
  }
  return { counts, examples };
}
