/** @file Images of which some have labels: training looks at all of them, whatever needs a label at those that have one. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../src/config/parse.js';
import { pretrainSchema } from '../src/config/pretrain.js';
import { labelledTest } from '../src/data/labelled-test.js';
import { openImages } from '../src/data/open-images.js';
import { pretrain } from '../src/experiment/pretrain.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const before = process.env.TWOVIEW_DATA;
/** 20 pictures a class; every second one of the training images has its label. */
const table = (name: string, testLabel: (name: string) => string) => {
  const rows = ['a', 'b'].flatMap((folder) =>
    Array.from({ length: 20 }, (_, i) =>
      i < 4 ? `${folder}/${i}.png,${testLabel(folder)},test` : `${folder}/${i}.png,${i % 2 === 0 ? folder : ''},train`,
    ),
  );
  writeFileSync(join(root, name), `path,label,split\n${rows.join('\n')}\n`);
  return join(root, name);
};
beforeAll(async () => {
  process.env.TWOVIEW_DATA = join(root, 'cache');
  await torch.load();
  await classFolders(root, ['a', 'b'], 20);
});
afterAll(() => {
  if (before === undefined) delete process.env.TWOVIEW_DATA;
  else process.env.TWOVIEW_DATA = before;
  rmSync(root, { recursive: true });
});

test('training images may be without a label, and it is said how many are', async () => {
  const said: string[] = [];
  const onEvent = (event: { type: string; text?: string }) => said.push(event.text ?? '');
  const set = await openImages(
    table('partly.csv', (name) => name),
    {},
    { onEvent },
  );
  expect([set.train.count, set.test?.count, set.classes]).toEqual([32, 8, ['a', 'b']]);
  expect(said.join()).toContain('32 training images (16 of them without a label), 8 test images, 2 classes');
});

test('a test image without a label is refused by what measures accuracy, and by nothing else', async () => {
  using set = await openImages(table('open.csv', (name) => (name === 'b' ? '' : name)));
  expect(set.test?.count).toBe(8);
  expect(() => labelledTest(set)).toThrow(/4 of 8 test images have no label[\s\S]*LABELS_MISSING/);
});

test('a table and the folder of the same files share the pictures, and keep their names', async () => {
  const rows = ['a', 'b'].flatMap((name) => Array.from({ length: 20 }, (_, i) => `${name}/${i}.png,${name}\n`));
  writeFileSync(join(root, 'all.csv'), rows.join(''));
  expect((await openImages(join(root, 'all.csv'))).name).toBe('all.csv');
});

test('pre-training on them measures kNN by those that have a label', async () => {
  const config = parseConfig(pretrainSchema, {
    ...{ data: table('partly.csv', (name) => name), out: join(root, 'run'), model: 'resnet10_narrow' },
    ...{ epochs: 1, batchSize: 8, heldOut: 6, k: 200, precision: 'float32', threads: 1 },
  });
  const result = await pretrain(config);
  if (result.method !== 'simclr') throw new Error('another method');
  // Of the images held out, those with a label are asked about, and only images with a label vote.
  using set = await openImages(config.data);
  const labels = set.train.labels.tolist();
  const { heldOut } = JSON.parse(readFileSync(join(root, 'run', 'indices.json'), 'utf8')) as { heldOut: number[] };
  const asked = heldOut.filter((i) => labels[i]! >= 0).length;
  expect(heldOut).toHaveLength(6);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(6);
  expect(result.knn! * asked).toBeCloseTo(Math.round(result.knn! * asked), 10);
});
