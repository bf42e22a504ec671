/** @file A trained classifier names images: the same classes as when it was tested, whatever the images come in. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { predictSchema } from '../src/config/predict.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { TwoviewError } from '../src/errors.js';
import { finetune } from '../src/finetune/finetune.js';
import { predict } from '../src/finetune/predict.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';
import { classFolders, picture, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const machine = { precision: 'float32', threads: 1 };
const network = { model: 'resnet10_narrow', stem: 'cifar', batchSize: 8 };
const predicted = (data: string, out: string, more: object = {}) =>
  predict(parseConfig(predictSchema, { ...machine, run: at('run'), data: at(data), out: at(out), ...more }));
const read = (name: string): Record<string, string>[] => parse(readFileSync(at(name)), { columns: true });

beforeAll(async () => {
  await torch.load();
  await classFolders(at('known/train'), ['dark', 'light'], 8);
  await classFolders(at('known/test'), ['dark', 'light'], 4);
  const config = { ...machine, ...network, data: at('known'), epochs: 12, cropScaleMin: 0.9, out: at('run') };
  await finetune(parseConfig(finetuneSchema, config));
});
afterAll(() => rmSync(root, { recursive: true }));

test('images of the test are named as they were named then, with labels beside them', async () => {
  const began = performance.now();
  const result = await predicted('known', 'known.csv');
  expect(result.seconds).toBeLessThanOrEqual((performance.now() - began) / 1000);
  const { classes, result: tested } = JSON.parse(readFileSync(join(at('run'), 'summary.json'), 'utf8'));
  const rows = read('known.csv');
  expect(Object.keys(rows[0]!)).toEqual(['split', 'index', 'path', 'label', 'predicted', 'probability']);
  expect(rows).toHaveLength(16 + 8);
  const inTest = rows.filter(({ split }) => split === 'test');
  expect(inTest.map((row) => row.predicted)).toEqual(tested.predicted.map((c: number) => classes[c]));
  expect(inTest[5]).toMatchObject({ index: '5', path: join('test', 'light', '1.png'), label: 'light' });
  const right = rows.filter((row) => row.label === row.predicted).length;
  expect(result.accuracy).toBe(right / 24);
  expect(result.accuracy).toBeGreaterThan(0.9); // red of 0 to 7 and of 40 to 47: there is something to see
  expect(result.counts.reduce((sum, [, images]) => sum + images, 0)).toBe(24);
});

test('images without labels and of another size are brought to the size that the classifier knows', async () => {
  mkdirSync(at('new'));
  for (const [name, red] of [['night, "one"', 3], ['noon', 44]] as const) // biome-ignore format: a table
    writeFileSync(join(at('new'), `${name}.png`), await picture(40, red));
  const result = await predicted('new', 'new.csv');
  const rows = read('new.csv');
  expect(Object.keys(rows[0]!)).toEqual(['split', 'index', 'path', 'predicted', 'probability']);
  expect(rows.map((row) => row.path)).toEqual(['night, "one".png', 'noon.png']);
  for (const row of rows) expect(Number(row.probability)).toBeGreaterThanOrEqual(0.5); // the larger of two
  expect([result.accuracy, result.predictions.map(({ label }) => label)]).toEqual([null, [null, null]]);
});

test('a run that knows no classes, a folder that is no run, and a file that is there are refused', async () => {
  const config = { ...machine, ...network, data: at('known'), epochs: 1, heldOut: 0, out: at('simclr') };
  await pretrainSimclr(parseConfig(pretrainSchema, config));
  const refusal = async (more: object) => {
    const error: unknown = await predicted('known', 'refused.csv', more).catch((reason) => reason);
    if (!(error instanceof TwoviewError)) throw new Error(`not refused: ${error}`);
    return error.code;
  };
  expect(await refusal({ run: at('simclr') })).toBe('CONFIG_INVALID');
  expect(await refusal({ run: at('known') })).toBe('RUN_NOT_FOUND');
  expect(existsSync(at('refused.csv'))).toBe(false);
  writeFileSync(at('refused.csv'), 'mine');
  expect(await refusal({})).toBe('RUN_EXISTS');
  expect(readFileSync(at('refused.csv'), 'utf8')).toBe('mine');
});
