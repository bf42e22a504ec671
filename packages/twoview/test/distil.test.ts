/** @file A student learns from a teacher's probabilities: those are the teacher's own, and labels play no part. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { beforeAll, describe, expect, test } from 'vitest';
import { distilSchema, finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { openImages } from '../src/data/open-images.js';
import { distil, finetune } from '../src/finetune/finetune.js';
import { openTeacher } from '../src/finetune/teacher.js';
import { compute } from '../src/models/compute.js';
import { createModel } from '../src/models/create-model.js';
import { readWeights } from '../src/models/weights.js';
import { readMetrics } from '../src/runs/run-folder.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';
import { classFolders, picture, temporaryFolder } from './pictures.js';
import { rowsOf } from './rows.js';

const root = temporaryFolder();
const data = join(root, 'pictures');
const at = (name: string) => join(root, name);
const machine = { data, precision: 'float32', threads: 1, batchSize: 8 };
const NETWORK = { model: 'resnet10_narrow', stem: 'cifar' };

beforeAll(async () => {
  await torch.load();
  await classFolders(join(data, 'train'), ['a', 'b'], 8);
  await classFolders(join(data, 'test'), ['a', 'b'], 2);
  await finetune(parseConfig(finetuneSchema, { ...machine, ...NETWORK, epochs: 4, out: at('teacher') }));
});

const summaryOf = (run: string) => JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
const student = (out: string, more: object = {}) =>
  distil(
    parseConfig(distilSchema, { ...machine, ...NETWORK, teacher: at('teacher'), epochs: 2, out: at(out), ...more }),
  );

describe('a teacher', () => {
  const classes = ['a', 'b'];
  const cpu = () => compute('cpu', 'float32');

  test('gives the probabilities of its own network, for pixels that the student scales in another way', async () => {
    const own = summaryOf(at('teacher')).normalisation;
    const others = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.6, 0.7] };
    const pixels = torch.rand([3, 3, 16, 16], { generator: new torch.Generator(1) });
    const scaled = ({ mean, std }: typeof others) =>
      pixels.sub(torch.tensor(mean).reshape([1, 3, 1, 1])).div(torch.tensor(std).reshape([1, 3, 1, 1]));
    const context = { classes, normalisation: others, compute: cpu() };
    using teacher = await openTeacher({ teacher: at('teacher'), teacherTemperature: 0.5 }, context);

    using weights = await readWeights(at('teacher'));
    const network = createModel('resnet10_narrow', { numClasses: 2, stem: 'cifar' });
    network.loadStateDict(weights.tensors);
    network.eval();
    const expected = rowsOf(torch.noGrad(() => network.forward(scaled(own)))).map((row) => {
      const exps = row.map((value) => Math.exp(value / 0.5));
      return exps.map((value) => value / exps.reduce((a, b) => a + b));
    });
    const got = rowsOf(teacher.probabilities(scaled(others)));
    for (const [i, row] of expected.entries()) {
      for (const [c, value] of row.entries()) expect(got[i]![c]).toBeCloseTo(value, 4);
    }
    network.dispose();
  });

  test.each([
    ['other classes', ['b', 'a'], 'teacher'],
    ['a run that is no classifier', classes, 'simclr'],
  ])('%s: CONFIG_INVALID', async (_, names, run) => {
    if (run === 'simclr') {
      await pretrainSimclr(
        parseConfig(pretrainSchema, { ...machine, ...NETWORK, epochs: 1, heldOut: 0, out: at('simclr') }),
      );
    }
    const context = { classes: names, normalisation: { mean: [0, 0, 0], std: [1, 1, 1] }, compute: cpu() };
    await expect(openTeacher({ teacher: at(run), teacherTemperature: 1 }, context)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('distil', () => {
  test('its first loss is the cross entropy between the student and the teacher', async () => {
    await student('plain', { epochs: 1, cropScaleMin: 1, flip: 0, lr: 1e-9, batchSize: 16 });
    const [first] = readMetrics(at('plain'));
    // By definition: no crop, no flip, all 16 images; batch norm by the batch, as in training.
    const own = summaryOf(at('plain'));
    using teacherWeights = await readWeights(at('teacher'));
    using weights = await readWeights(at('plain'));
    using set = await openImages(data);
    torch.scope(() => {
      const [t, s] = [teacherWeights, weights].map(({ tensors }) => {
        const network = createModel('resnet10_narrow', { numClasses: 2, stem: 'cifar' });
        network.loadStateDict(tensors);
        return network;
      });
      const { mean, std } = own.normalisation;
      const x = set.train.images
        .to('float32')
        .div(255)
        .sub(torch.tensor(mean).reshape([1, 3, 1, 1]))
        .div(torch.tensor(std).reshape([1, 3, 1, 1]));
      t!.eval();
      s!.train();
      const [p, q] = torch.noGrad(() => [torch.softmax(t!.forward(x), 1), torch.softmax(s!.forward(x), 1)] as const);
      const [ps, qs] = [rowsOf(p), rowsOf(q)];
      const expected =
        ps.reduce((sum, row, i) => sum - row.reduce((inner, value, c) => inner + value * Math.log(qs[i]![c]!), 0), 0) /
        ps.length;
      expect(first!.loss).toBeCloseTo(expected, 3);
      t!.dispose();
      s!.dispose();
    });
  });

  test('labels play no part, and all images are learnt from, those that are not tested on', async () => {
    const result = await student('all');
    expect(result.labels).toBe(16);
    expect((await student('some', { validation: 0.25 })).labels).toBe(12);
    expect(summaryOf(at('all')).config.teacher).toBe(at('teacher'));
  });

  test("a flat folder of unlabelled images is enough: it learns the teacher's classes, and measures nothing", async () => {
    mkdirSync(at('flat'));
    for (let i = 0; i < 10; i++) writeFileSync(join(at('flat'), `${i}.png`), await picture(16, 20 * i));
    const result = await student('of-flat', { data: at('flat') });
    expect([result.labels, result.metrics, result.evaluatedOn]).toEqual([10, null, 'nothing']);
    expect(summaryOf(at('of-flat')).classes).toEqual(['a', 'b']);
  });

  test('is taken up with the same settings', async () => {
    const before = await student('again');
    expect((await student('again', { resume: true })).metrics).toEqual(before.metrics);
  });
});
