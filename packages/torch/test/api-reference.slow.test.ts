/** @file `npm run docs:api` makes pages of both packages out of the docstrings, without a warning. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = (name: string) => readFileSync(`${root}docs/api/${name}.html`, 'utf8').replace(/<[^>]*>/g, '');

test('npm run docs:api', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', 'docs:api'], { cwd: root, encoding: 'utf8' });
  expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  expect(page('classes/torch_src.Tensor')).toContain('The value of a tensor of one element');
  expect(page('classes/torch_src.nn.Linear')).toContain('inFeatures');
  expect(page('functions/torch_src.scope')).toContain('ASYNC_SCOPE');
  expect(page('variables/twoview_src.pretrain')).toContain('Pre-trains an encoder into a run folder');
  expect(page('functions/twoview_src.ntXent')).toContain('projections of the first views');
});
