/** @file A form from a schema: the real ones of twoview, and what may be typed. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pretrainSchema } from '../../../twoview/src/config/pretrain.js';
import { asText, fieldsOf, settingsOf } from '../src/logic/schema-form.js';
import { SCHEMA } from './fake-runs.js';

const fields = fieldsOf(SCHEMA);
const typed = (changes: Record<string, string>) => ({
  ...Object.fromEntries(fields.map(({ path, fallback }) => [path, asText(fallback)])),
  ...changes,
});

test('each setting is a field of its kind, those of groups with their path', () => {
  expect(fields.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
    'epochs integer',
    'batchSize integer',
    'loss choice',
    'temperature number',
    'recompute boolean',
    'finetune.epochs integer',
  ]);
});

test('what stands at its default is not sent', () => {
  expect(settingsOf(fields, typed({}))).toEqual({ settings: {}, wrong: {} });
});

test('what was changed is sent as its kind, in its group', () => {
  const changes = { epochs: ' 20 ', loss: 'decoupled', temperature: '0.2', recompute: 'true', 'finetune.epochs': '5' };
  expect(settingsOf(fields, typed(changes)).settings).toEqual({
    epochs: 20,
    loss: 'decoupled',
    temperature: 0.2,
    recompute: true,
    finetune: { epochs: 5 },
  });
});

test.each([
  ['epochs', '1.5', 'a whole number'],
  ['epochs', 'many', 'a number'],
  ['epochs', '', 'a number'],
  ['epochs', '0', 'at least 1'],
  ['temperature', 'warm', 'a number or auto'],
  ['loss', 'other', 'one of nt-xent, decoupled, barlow-twins'],
])('%s: "%s" is answered by "%s"', (path, text, words) => {
  expect(settingsOf(fields, typed({ [path]: text }))).toEqual({ settings: {}, wrong: { [path]: words } });
});

describe('the schema of twoview pretrain', () => {
  const real = fieldsOf(z.toJSONSchema(pretrainSchema, { io: 'input', unrepresentable: 'any' }));
  test('has a field for every setting but the table of own modules, each with its sentence', () => {
    expect(real.map(({ path }) => path)).toEqual(Object.keys(pretrainSchema.shape).filter((name) => name !== 'own'));
    expect(real.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
  });
  test('takes sizes of views as a list or as a word, and an optimizer by its name', () => {
    const settings = { viewSizes: [16, 32], optimizer: 'muon', warmupEpochs: 2 };
    const texts = { viewSizes: '16, 32', optimizer: 'muon', warmupEpochs: '2' };
    expect(settingsOf(real, texts)).toEqual({ settings, wrong: {} });
    expect(settingsOf(real, { viewSizes: 'auto' })).toEqual({ settings: {}, wrong: {} });
    expect(settingsOf(real, { optimizer: 'mu' }).wrong.optimizer).toMatch(/^one of auto, sgd/);
  });
  test('at its defaults sends nothing and finds nothing wrong', () => {
    const defaults = Object.fromEntries(real.map(({ path, fallback }) => [path, asText(fallback)]));
    expect(settingsOf(real, defaults)).toEqual({ settings: {}, wrong: {} });
  });
});
