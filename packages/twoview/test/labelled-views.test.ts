/** @file The views of a training with labels: each setting is a step of its own, and what is off is not there. */
import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { labelledViews } from '../src/finetune/labelled-views.js';
import { drawsOf } from '../src/runs/random.js';

beforeAll(() => torch.load({ threads: 1 }));

const viewsOf = (settings: object) => labelledViews(parseConfig(finetuneSchema, { data: 'd', out: 'o', ...settings }));
const names = (settings: object) => viewsOf(settings).steps.map(({ name }) => name);

test('are crops and mirror images, computed by the quick code, unless more is asked for', () => {
  expect(names({})).toEqual(['randomResizedCrop', 'flip']);
  expect(viewsOf({}).standard).toMatchObject({ cropScale: [0.4, 1], flip: 0.5 });
});

test.each([
  [{ translate: 0.125 }, 'translate'],
  [{ jitter: 0.8 }, 'colourJitter'],
  [{ randAugment: 2 }, 'randAugment'],
  [{ cutout: 0.5 }, 'cutout'],
])('%j adds %s at its place', (settings, step) => {
  expect(names(settings)).toEqual(['randomResizedCrop', 'flip', step]);
  const [all] = [{ translate: 0.125, jitter: 0.8, randAugment: 2, cutout: 0.5 }];
  expect(names(all)).toEqual(['randomResizedCrop', 'flip', 'translate', 'colourJitter', 'randAugment', 'cutout']);
});

test('without crops and mirror images an image stays as it is', () => {
  const images = torch.randint(0, 256, [5, 3, 12, 12], { dtype: 'uint8', generator: new torch.Generator(1) });
  const drawn = viewsOf({ cropScaleMin: 1, flip: 0 }).draw(12, drawsOf(1, 'v'), 5);
  const made = drawn(images, 0, 5, { mean: [0, 0, 0], std: [1, 1, 1] });
  expect(made.sub(images.to('float32').div(255)).abs().max().item()).toBeLessThan(1e-6);
});
