/** @file A small experiment as `compare` leaves it, made by hand: two networks, three arms, two fractions, three seeds. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Arm, compareSchema, POSTER_ARMS } from '../src/config/compare.js';
import { parseConfig } from '../src/config/parse.js';
import { SIMILARITY_BINS } from '../src/evaluate/similarity.js';
import { type Inspect, jobsOf } from '../src/experiment/jobs.js';
import { type CellResult, type ExperimentSummary, type InspectionRow, tableOf } from '../src/experiment/summarise.js';

export interface CellSketch {
  model?: string;
  arm: Arm;
  fraction: number;
  seed: number;
  accuracy: number;
}

export function cellResult({ model = 'resnet10_narrow', arm, fraction, seed, accuracy }: CellSketch): CellResult {
  const metrics = {
    ...{ count: 4, accuracy, top5: 0.9, loss: 1.5, perClass: [accuracy, accuracy], ece: 0.05 },
    // Each arm is wrong about an image of its own, and all are about the last one.
    mistakes: [
      { index: POSTER_ARMS.indexOf(arm), truth: 1, predicted: 0, confidence: 0.9 },
      { index: 3, truth: 1, predicted: 0, confidence: 0.6 },
    ],
    confusion: [
      [2, 0],
      [1, 1],
    ],
  };
  return {
    ...{ model, arm, fraction, seed, run: `cells/${model}/${arm}/${fraction * 100}pct/seed${seed}` },
    ...{ labels: Math.round(8000 * fraction), steps: 20, parameters: 308826, trainLoss: 1.25 },
    ...{
      evaluatedOn: 'test' as const,
      metrics,
      flops: 2e12,
      seconds: 12.5,
      withoutTwins: accuracy - 0.01,
      total: { flops: 5e12, coreSeconds: 60 },
    },
    predicted: [0, 1, 2, 3].map((index) => (index === 3 || index === POSTER_ARMS.indexOf(arm) ? 0 : 1)),
    pictures: [POSTER_ARMS.indexOf(arm), 3].map((index) => ({
      index,
      png: `data:image/png;base64,${'ABCD'[index]}AAA`,
    })),
  };
}

/** Three pictures on the map, two of them shown with their views. */
function inspectionOf({ id, model, seed, needs }: Inspect): InspectionRow {
  const image = (letter: string) => ({ image: `data:image/png;base64,${letter}AAA`, label: 'cat' });
  const bins = (low: number, high: number) =>
    Array.from({ length: SIMILARITY_BINS }, (_, i) => (i === 30 ? low : i === 45 ? high : 0));
  const similarity = (positiveMean: number, negativeMean: number) => ({
    ...{ positive: bins(0.25, 0.75), negative: bins(0.5, 0.5), positiveMean, negativeMean },
  });
  return {
    ...{ run: id, model, seed, shown: 'test images', pretraining: needs, featureSize: 512, seconds: 5 },
    views: ['E', 'F'].map((letter) => ({ ...image(letter), views: ['G', 'H'].map((view) => image(view).image) })),
    similarity: { before: similarity(0.95, 0.9), after: similarity(0.8, 0.1) },
    knnTest: { before: 0.25, after: 0.5 + seed / 100, k: 200, bank: 8000, queries: 2000 },
    map: { before: [[0, 0], [1, 1], [2, 2]], after: [[0, 0], [900, 100], [2, 2]] }, // biome-ignore format: points
    labels: [0, 1, -1],
    classes: ['cat', 'dog'],
    neighbours: [{ ...image('I'), before: [image('J')], after: [image('K'), image('L')] }],
  };
}

/** Writes summary.json and the metrics.jsonl of every run. @returns the summary */
export function makeExperiment(
  folder: string,
  change: (summary: ExperimentSummary) => void = () => {},
): ExperimentSummary {
  const config = parseConfig(compareSchema, {
    ...{ data: 'photos', transferData: 'other', out: folder, models: ['resnet10_narrow', 'resnet18'] },
    ...{ fractions: [0.01, 0.1], seeds: 3, pretrain: { epochs: 2 } },
  });
  const cells = config.models.flatMap((model, m) =>
    POSTER_ARMS.flatMap((arm, a) =>
      config.fractions.flatMap((fraction, f) =>
        [0, 1, 2].map((seed) =>
          cellResult({ model, arm, fraction, seed, accuracy: 0.2 + 0.1 * m + 0.1 * a + 0.05 * f + 0.01 * seed }),
        ),
      ),
    ),
  );
  const jobs = jobsOf(config);
  const summary: ExperimentSummary = {
    kind: 'experiment',
    config,
    environment: {
      ...{
        date: '2026-01-02T03:04:05.000Z',
        command: 'twoview compare',
        node: 'v20.19.0',
        torch: '2.11.0',
        code: '0.1.0+0123456789',
      },
      ...{
        platform: 'linux x64',
        cpu: 'A processor',
        cores: 2,
        memoryGiB: 8,
        cpuCapability: 'AVX2',
        threads: 2,
        gpus: [],
      },
    },
    data: { name: 'photos', hash: 'abc', notes: ['images are stored as JPEG'], train: 8000, test: 2000 },
    transferData: { name: 'other', notes: [], train: 500 },
    twins: 20,
    classes: ['cat', 'dog'],
    table: tableOf(
      cells,
      jobs.filter((job) => job.kind === 'cell'),
    ),
    cells,
    pretrain: jobs
      .filter((job) => job.kind === 'pretrain')
      .map(({ id, model, seed }) => ({
        ...{
          run: id,
          model,
          seed,
          epochs: 2,
          steps: 4,
          loss: 4.1234,
          chance: 5.5373,
          knn: 0.4321,
          knnReported: null,
          flops: 3e13,
          seconds: 30,
        },
      })),
    transfer: config.models.map((model) => ({
      ...cellResult({ model, arm: 'supervised', fraction: 1, seed: 0, accuracy: 0.6 }),
      run: `transfer/${model}/seed0`,
    })),
    inspections: jobs.filter((job) => job.kind === 'inspect').map(inspectionOf),
    failures: [],
    seconds: 600,
  };
  change(summary);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
  const step = (loss: number, step: number) => ({ step, epoch: Math.ceil(step / 2), loss, lr: 0.1 });
  const epoch = (epoch: number, knn: number | null) => ({
    ...{ step: 2 * epoch, epoch, epochLoss: 6 - epoch, chance: 5.5373 },
    ...(knn === null ? {} : { knn }),
  });
  const health = { alignment: 0.25, uniformity: -2.5, effectiveRank: 42 };
  for (const { run } of summary.cells)
    writeMetrics(
      join(folder, run),
      [2.5, 2, 1.5, 1.25].map((loss, i) => step(loss, i + 1)),
    );
  for (const { run, knn } of summary.pretrain) {
    writeMetrics(join(folder, run), [epoch(1, knn), { ...epoch(2, knn), ...health }]);
  }
  return summary;
}

function writeMetrics(run: string, lines: object[]): void {
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
