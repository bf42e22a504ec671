/** @file Runs of the fake server. */
import type { RunCommand, RunCourse, RunInfo, RunMetrics, RunStatus } from '../src/api/types.js';
import { randomFrom } from './fake-pictures.js';

export function fakeRun(id: string, command: RunCommand, status: RunStatus): RunInfo {
  const at = { epoch: 24, epochs: 100, step: 4600, steps: 19_500, imagesPerSecond: 812, etaSeconds: 4820 };
  return {
    id,
    command,
    status,
    startedAt: '2026-11-28T03:20:00.000Z',
    at: status === 'finished' ? { ...at, epoch: 100, step: 19_500, etaSeconds: 0 } : at,
    message: status === 'running' ? 'epoch 24 of 100' : null,
    report: status === 'finished',
    encoder: command === 'pretrain' && status === 'finished',
    settings: { model: 'resnet18', epochs: 100, batchSize: 256, learningRate: 0.6 },
  };
}

export function fakeMetrics(id: string): RunMetrics {
  const random = randomFrom(id.length + id.charCodeAt(id.length - 1));
  const loss = (epoch: number) => 4.2 + 2 * Math.exp(-epoch / 8);
  return {
    epochs: Array.from({ length: 24 }, (_, epoch) => ({
      epoch: epoch + 1,
      values: {
        epochLoss: loss(epoch),
        ...(epoch % 5 === 4 ? { knn: 0.72 - 0.42 * Math.exp(-epoch / 9), effectiveRank: 40 + 3 * epoch } : {}),
      },
    })),
    steps: Array.from({ length: 920 }, (_, i) => ({
      step: 5 * i,
      loss: loss(i / 38) + 0.2 * (random() - 0.5),
      lr: 0.6,
    })),
    chance: Math.log(511),
  };
}

/** From one heap to the map: each image on its way from 0. @param positions [2N] @param epochs that were measured */
export function fakeCourse({ positions, epochs }: { positions: Float32Array; epochs: readonly number[] }): RunCourse {
  const images = Array.from({ length: Math.min(1000, positions.length / 2) }, (_, image) => image);
  return {
    maps: epochs.map((epoch, i) => ({
      epoch,
      images,
      positions: images.flatMap((image) =>
        [0, 1].map((axis) => Math.round((250 * (i + 1) * positions[2 * image + axis]!) / epochs.length)),
      ),
    })),
  };
}

export const SCHEMA = {
  type: 'object',
  properties: {
    epochs: { type: 'integer', minimum: 1, default: 100, description: 'times that each image is seen' },
    batchSize: {
      type: 'integer',
      minimum: 2,
      default: 256,
      description: 'images a step; SimCLR makes two views of each',
    },
    loss: {
      type: 'string',
      enum: ['nt-xent', 'decoupled', 'barlow-twins'],
      default: 'nt-xent',
      description: 'loss of the projections',
    },
    temperature: {
      anyOf: [
        { type: 'number', exclusiveMinimum: 0 },
        { type: 'string', const: 'auto' },
      ],
      default: 'auto',
      description: 'temperature of the loss; auto is 0.5 for nt-xent',
    },
    recompute: {
      type: 'boolean',
      default: false,
      description: 'compute activations a second time instead of keeping them',
    },
    finetune: {
      type: 'object',
      properties: { epochs: { type: 'integer', minimum: 1, default: 60, description: 'epochs of fine-tuning' } },
    },
  },
};

/** The last one first. */
export const fakeRuns = (): RunInfo[] => [
  fakeRun('run-2', 'pretrain', 'running'),
  fakeRun('run-1', 'compare', 'finished'),
  fakeRun('run-0', 'pretrain', 'finished'),
];
