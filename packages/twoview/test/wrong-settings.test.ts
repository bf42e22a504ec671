/** @file Settings that do not hold: each sentence says which one, what it may be, and what it was. */
import { expect, test } from 'vitest';
import { compareSchema } from '../src/config/compare.js';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';

const problem = (
  schema: typeof pretrainSchema | typeof finetuneSchema | typeof compareSchema,
  settings: object,
): string => {
  try {
    parseConfig(schema as typeof pretrainSchema, { data: 'd', out: 'o', ...settings });
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
  return 'nothing';
};

test.each([
  [{ data: undefined }, 'data is missing'],
  [{ epochs: 'many' }, 'epochs must be a whole number, 1 or more, not "many"'],
  [{ epochs: 1.5 }, 'epochs must be a whole number, 1 or more, not 1.5'],
  [{ flip: 2 }, 'flip must be a number from 0 to 1, not 2'],
  [{ lr: 'hot' }, 'lr must be a number above 0, or auto, not "hot"'],
  [{ loss: 'best' }, 'loss must be one of nt-xent, decoupled, suncet, barlow-twins, vicreg, not "best"'],
  [{ viewSizes: 24 }, 'viewSizes must be a list; each is a whole number, 8 or more, or auto, not 24'],
  [{ viewSizes: [24, 4] }, 'viewSizes.1 must be a whole number, 8 or more, not 4'],
  [{ device: 'tpu' }, 'device: must be cpu, cuda, cuda:1 or auto'],
  [{ epoch: 3 }, 'there is no setting epoch; did you mean epochs?'],
])('pretrain %j', (settings, sentence) => expect(problem(pretrainSchema, settings)).toContain(sentence));

test.each([
  [{ arms: ['mine'] }, 'arms.0 must be one of supervised, transfer, semi-supervised, frozen, random, not "mine"'],
  [{ fractions: [0] }, 'fractions.0 must be a number above 0, at most 1, not 0'],
  [{ pretrain: { epochs: 0 } }, 'pretrain.epochs must be a whole number, 1 or more, not 0'],
  [{ exceptions: [{ finetune: { flip: -1 } }] }, 'exceptions.0.finetune.flip must be a number from 0 to 1, not -1'],
  [{ exceptions: [{ arms: ['x'], finetune: {} }] }, 'exceptions.0.arms.0 must be one of supervised, transfer'],
  [{ exceptions: [{ models: ['x'], finetune: {} }] }, 'x is not among the models of this experiment: resnet18'],
])('compare %j', (settings, sentence) => expect(problem(compareSchema, settings)).toContain(sentence));

test('finetune from no weights', () =>
  expect(problem(finetuneSchema, { init: '' })).toContain('init: names no weights; scratch stands for random ones'));
