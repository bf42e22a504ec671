/** @file The order in which an experiment runs, and what each job waits for. */
import { describe, expect, test } from 'vitest';
import { ARMS, compareSchema, POSTER_ARMS } from '../src/config/compare.js';
import { parseConfig } from '../src/config/parse.js';
import { readyJob } from '../src/experiment/job-config.js';
import { type Cell, jobsOf, percent, selectJobs } from '../src/experiment/jobs.js';
import { PRESETS } from '../src/experiment/presets.js';
import { MODEL_NAMES } from '../src/models/create-model.js';
import { imagenetSource } from '../src/models/published.js';

const config = (more: object = {}) =>
  parseConfig(compareSchema, {
    ...{ data: 'd', transferData: 't', out: 'o', models: ['a', 'b'], fractions: [0.01, 1], seeds: 2 },
    ...more,
  });
const ids = (more: object = {}) => jobsOf(config(more)).map(({ id }) => id);

describe('jobs', () => {
  test('one seed of one network: SimCLR, the source, then every fraction with its three arms', () => {
    expect(ids({ models: ['a'], seeds: 1 })).toEqual([
      'pretrain/a/seed0',
      'inspect/a/seed0',
      'transfer/a/seed0',
      'cells/a/supervised/1pct/seed0',
      'cells/a/transfer/1pct/seed0',
      'cells/a/semi-supervised/1pct/seed0',
      'cells/a/supervised/100pct/seed0',
      'cells/a/transfer/100pct/seed0',
      'cells/a/semi-supervised/100pct/seed0',
    ]);
  });

  test("the first seed's table is whole before the second seed begins, and each seed has a source of its own", () => {
    const all = ids();
    expect(all.findLastIndex((id) => id.includes('seed0'))).toBeLessThan(all.findIndex((id) => id.includes('seed1')));
    expect(all.filter((id) => id.startsWith('transfer/'))).toEqual([
      'transfer/a/seed0',
      'transfer/b/seed0',
      'transfer/a/seed1',
      'transfer/b/seed1',
    ]);
    expect(all.filter((id) => id.startsWith('pretrain/')).length).toBe(4);
    expect(all.filter((id) => id.startsWith('cells/')).length).toBe(2 * 2 * 2 * 3);
    expect(new Set(all).size).toBe(all.length);
  });

  test('whatever a cell needs ran before it', () => {
    const seen = new Set<string>();
    for (const job of jobsOf(config())) {
      if (job.kind === 'cell' && job.needs !== null) expect(seen).toContain(job.needs);
      seen.add(job.id);
    }
  });

  test.each(ARMS.map((arm) => [arm]))('%s alone brings no job of the others', (arm) => {
    const kinds = new Set(ids({ arms: [arm] }).map((id) => id.split('/')[0]));
    const simclr = ['inspect', 'pretrain'];
    const own = { supervised: [], transfer: ['transfer'], 'semi-supervised': simclr, frozen: simclr, random: [] }[arm];
    expect([...kinds].sort()).toEqual(['cells', ...own].sort());
  });

  test('with a weights file there is no source to train', () => {
    const jobs = jobsOf(config({ transferWeights: 'w.pth', transferData: '' }));
    expect(jobs.filter(({ kind }) => kind === 'transfer')).toEqual([]);
    const cell = jobs.find((job): job is Cell => job.kind === 'cell' && job.arm === 'transfer')!;
    expect(readyJob(config({ transferWeights: 'w.pth' }), cell).config).toMatchObject({ init: 'w.pth' });
  });
});

describe('only', () => {
  const only = (...texts: string[]) => selectJobs(jobsOf(config({ models: ['a', 'b'] })), texts).map(({ id }) => id);

  test('jobs whose name contains a text, and what they need', () => {
    expect(only('cells/a/semi-supervised/1pct/seed1')).toEqual([
      'pretrain/a/seed1',
      'cells/a/semi-supervised/1pct/seed1',
    ]);
    expect(only('pretrain/')).toEqual(['pretrain/a/seed0', 'pretrain/b/seed0', 'pretrain/a/seed1', 'pretrain/b/seed1']);
    expect(only('a/supervised/1pct', 'b/transfer/1pct/seed1')).toEqual([
      'cells/a/supervised/1pct/seed0',
      'cells/a/supervised/1pct/seed1',
      'transfer/b/seed1',
      'cells/b/transfer/1pct/seed1',
    ]);
  });

  test('all without a text, and an error for one that is in no name', () => {
    expect(only()).toEqual(ids({ models: ['a', 'b'] }));
    expect(() => only('cells/', 'resnet')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('presets', () => {
  test.each(Object.keys(PRESETS))('%s is a whole and valid set of settings', (name) => {
    const settings = parseConfig(compareSchema, { ...{ data: 'd', out: 'o' }, ...PRESETS[name]!.settings });
    for (const model of settings.models) expect(MODEL_NAMES).toContain(model);
    expect(settings.fractions).toEqual([0.01, 0.1, 1]);
  });

  test.each(Object.keys(PRESETS))('%s can be run for a single arm, network or label amount', (name) => {
    for (const part of [...ARMS.map((arm) => ({ arms: [arm] })), { models: ['resnet18'] }, { fractions: [0.05] }]) {
      const settings = parseConfig(compareSchema, { ...{ data: 'd', out: 'o' }, ...PRESETS[name]!.settings, ...part });
      expect(settings).toMatchObject(part);
    }
  });

  test.each(['cpu-small', 'poster', 'poster-best'])('%s is the grid of the poster', (name) => {
    const settings = parseConfig(compareSchema, { out: 'o', ...PRESETS[name]!.settings });
    const posters = { ...settings, arms: POSTER_ARMS };
    expect(jobsOf(posters).filter(({ kind }) => kind === 'cell').length).toBe(3 * 3 * 3 * 3);
    for (const model of settings.models) expect(imagenetSource(model)).not.toBe(null);
  });
});

describe('settings of a job', () => {
  test('come from its group, with its own seed, network, data, start and folder', () => {
    const whole = config({
      unlabelled: 'u',
      pretrain: { epochs: 7 },
      finetune: { epochs: 8 },
      transfer: { epochs: 9 },
    });
    const jobs = jobsOf(whole).map((job) => readyJob(whole, job));
    const of = (id: string) => jobs.find((job) => job.id === id)!.config;
    const simclr = of('pretrain/b/seed1');
    expect(simclr).toMatchObject({
      data: 'u',
      epochs: 7,
      model: 'b',
      seed: 1,
      out: 'o/pretrain/b/seed1',
      resume: true,
    });
    expect(of('transfer/a/seed1')).toMatchObject({
      data: 't',
      epochs: 9,
      init: 'scratch',
      fraction: 1,
    });
    const cell = of('cells/b/semi-supervised/1pct/seed1');
    expect(cell).toMatchObject({ data: 'd', epochs: 8, fraction: 0.01, seed: 1, init: 'o/pretrain/b/seed1' });
    expect(of('cells/a/supervised/100pct/seed0')).toMatchObject({ init: 'scratch' });
  });
});

describe('exceptions', () => {
  const cell = (whole: ReturnType<typeof config>, id: string) =>
    readyJob(whole, jobsOf(whole).find((job) => job.id === `cells/${id}/seed0`)!).config;

  test('change finetune for the cells they name alone, later ones on top of earlier ones', () => {
    const whole = config({
      finetune: { epochs: 8, lr: 0.5 },
      exceptions: [
        { arms: ['semi-supervised', 'transfer'], finetune: { lr: 0.2, headLayer: 1 } },
        { arms: ['semi-supervised'], fractions: [0.01], models: ['b'], finetune: { lr: 0.1 } },
      ],
    });
    expect(cell(whole, 'b/supervised/1pct')).toMatchObject({ epochs: 8, lr: 0.5, headLayer: 0 });
    expect(cell(whole, 'b/transfer/1pct')).toMatchObject({ epochs: 8, lr: 0.2, headLayer: 0 }); // it has no projection head
    expect(cell(whole, 'b/semi-supervised/1pct')).toMatchObject({ epochs: 8, lr: 0.1, headLayer: 1 });
    expect(cell(whole, 'b/semi-supervised/100pct')).toMatchObject({ lr: 0.2 });
    expect(cell(whole, 'a/semi-supervised/1pct')).toMatchObject({ lr: 0.2 });
  });

  test('for what the experiment does not hold, and of settings that do not exist, are all refused at once', () => {
    const refusal = () =>
      config({ exceptions: [{ models: ['c'], arms: ['supervised'], fractions: [0.1, 1], finetune: { lr: 1 } }] });
    expect(refusal).toThrow(/exceptions\.0\.models: c is not among the models of this experiment: a, b/);
    expect(refusal).toThrow(/exceptions\.0\.fractions: 0\.1 is not among the fractions of this experiment: 0\.01, 1/);
    expect(() => config({ exceptions: [{ finetune: { epoch: 3 } }] })).toThrow(
      /no setting exceptions\.0\.finetune\.epoch; did you mean exceptions\.0\.finetune\.epochs\?/,
    );
  });
});

test.each([
  [0.01, '1'],
  [0.1, '10'],
  [1, '100'],
  [0.005, '0.5'],
  [0.07, '7'], // 0.07 * 100 is 7.000000000000001
])('a fraction of %d is %s percent', (fraction, text) => expect(percent(fraction)).toBe(text));
