/** @file What is said beforehand: the work of a job is counted from the set that it learns from, and the first step's delay is not the pace. */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test, vi } from 'vitest';
import { compareSchema } from '../src/config/compare.js';
import { parseConfig } from '../src/config/parse.js';
import type { ImageSet } from '../src/data/image-set.js';
import { Costs } from '../src/experiment/cost.js';
import { imagesOfJob, imagesPerStep } from '../src/experiment/estimate.js';
import { readyJob } from '../src/experiment/job-config.js';
import { jobsOf } from '../src/experiment/jobs.js';
import { Pace } from '../src/runs/pace.js';

beforeAll(() => torch.load({ threads: 1 }));
const ofSize = (count: number) => ({ train: { count } }) as ImageSet;

test('pre-training on a set of its own counts that set: both views of every image not held out, each epoch', () => {
  const config = parseConfig(compareSchema, { data: 'd', out: 'o', arms: ['semi-supervised'], transferData: 't' });
  const pretrain = readyJob(config, jobsOf(config)[0]!);
  const work = (count: number) => imagesOfJob(pretrain, { set: ofSize(200), unlabelled: ofSize(count), source: null });
  // 100 epochs of 9,000 x 2 views; kNN 20 times over 1,000 + 5,000 images at a third of the cost.
  expect(work(10_000)).toBeCloseTo(100 * 9000 * 2 + (20 * 6000) / 3, 6);
  expect(work(10_000)).toBeGreaterThan(10 * work(200));
});

test('views of half the side count as the operations that they take', () => {
  const images = { train: { count: 6000 }, imageSize: 32, classes: ['a', 'b'] };
  const sets = { set: images as unknown as ImageSet, unlabelled: images as unknown as ImageSet, source: null };
  const work = (viewSizes: number[]) => {
    const pretrain = { epochs: 10, knnEvery: 10, heldOut: 1000, viewSizes, batchSize: 500 };
    const given = { data: 'd', out: 'o', arms: ['semi-supervised'], models: ['resnet10_narrow'], pretrain };
    const config = parseConfig(compareSchema, given);
    const job = readyJob(config, jobsOf(config)[0]!);
    return imagesOfJob(job, sets, job.kind === 'pretrain' ? new Costs(sets, undefined).shareOfFullSize(job) : 1);
  };
  const looks = (1000 + 5000) / 3;
  expect(work([]) - looks).toBeCloseTo(10 * 5000 * 2, 6);
  // Convolutions take a quarter; the classifier alone takes the same.
  expect((work([16]) - looks) / (work([]) - looks)).toBeCloseTo(1 / 4, 3);
  // Each size gets as much computing as the other: 4/5 of the steps are of the small views.
  expect((work([16, 32]) - looks) / (work([]) - looks)).toBeCloseTo((4 / 5) * (1 / 4) + 1 / 5, 3);
});

test('the speed of a job is that of its own batches', () => {
  const batches = { pretrain: { batchSize: 50 }, transfer: { batchSize: 60 }, finetune: { batchSize: 70 } };
  const config = parseConfig(compareSchema, { data: 'd', out: 'o', transferData: 't', ...batches });
  const perStep = Object.fromEntries(
    jobsOf(config).map((job) => [job.kind, imagesPerStep(readyJob(config, job), config)]),
  );
  expect(perStep).toEqual({ pretrain: 100, inspect: 100, transfer: 60, cell: 70 });
});

test('the time left does not count what the first step spends on preparing', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const pace = new Pace();
    const step = (milliseconds: number) => {
      pace.begin();
      pace.batchReady();
      vi.advanceTimersByTime(milliseconds);
      pace.end();
    };
    const left = (done: number) => {
      const given = { step: done, stepsPerEpoch: 10, totalSteps: 10, loss: 1, lr: 1, images: 8 };
      const event = pace.event('finetune', given);
      return event.type === 'step' ? event.etaSeconds : Number.NaN;
    };
    step(600);
    expect(left(1)).toBeCloseTo(9 * 0.6, 6);
    step(10);
    expect(left(2)).toBeCloseTo(8 * 0.01, 6);
  } finally {
    vi.useRealTimers();
  }
});
