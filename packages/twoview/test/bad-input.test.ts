/**
 * @file Wrong data and weights on the command line, in the order of what users get wrong: message, code, exit status, no stack,
 * nothing left behind. Wrong settings are in cli.test.ts, stopped and starved processes in stops.test.ts.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { twoview } from './command-line.js';
import { classFolders, temporaryFolder } from './pictures.js';

vi.setConfig({ testTimeout: 120_000 }); // whole processes, on a machine that may be busy

const root = temporaryFolder();
const env = { TWOVIEW_DATA: join(root, 'cache') };
const at = (name: string) => join(root, name);
const out = at('run');
const settings = ['--model', 'resnet10_narrow', '--precision', 'float32', '--epochs', '1', '--out', out];
const train = (...args: string[]) => twoview(['finetune', ...settings, ...args], env);

beforeAll(async () => {
  await classFolders(at('good'), ['a', 'b'], 5);
  await torch.load();
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => rmSync(out, { recursive: true, force: true }));

interface Wanted {
  code: string;
  texts: string[];
  exit?: number;
}

function refused({ status, stdout, stderr }: ReturnType<typeof twoview>, { code, texts, exit = 2 }: Wanted): void {
  expect(stderr).toContain(`code   ${code}`);
  for (const text of texts) expect(stderr).toContain(text);
  expect(stderr).toMatch(/\n {2}next {3}\S/);
  expect(stderr).not.toMatch(/\n\s+at .*\.js:\d+/);
  expect([status, stdout, existsSync(out)]).toEqual([exit, '', false]);
  const stores = join(root, 'cache', 'stores');
  const left = existsSync(stores) ? readdirSync(stores).filter((name) => name.includes('partial')) : [];
  expect(left).toEqual([]);
}

test('an empty folder', () => {
  mkdirSync(at('empty'));
  refused(train('--data', at('empty')), { code: 'DATA_EMPTY', texts: [at('empty')] });
});

test('a class without images', async () => {
  await classFolders(at('hole'), ['a', 'b'], 3);
  mkdirSync(join(at('hole'), 'c'));
  refused(train('--data', at('hole')), { code: 'DATA_EMPTY', texts: [join(at('hole'), 'c')] });
});

test('a corrupt image is named; --skip-corrupt goes on and counts', async () => {
  await classFolders(at('damaged'), ['a', 'b'], 5);
  const path = join(at('damaged'), 'b', '2.png');
  truncateSync(path, 60);
  refused(train('--data', at('damaged')), { code: 'DATA_CORRUPT', texts: ['1 of 10 images', path, '--skip-corrupt'] });
  const { status } = train('--data', at('damaged'), '--skip-corrupt');
  expect(status).toBe(0);
  const { data } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
  expect(data.notes.join()).toContain('1 damaged images were left out');
});

test('files that are no images', () => {
  mkdirSync(at('texts'));
  writeFileSync(join(at('texts'), 'a.txt'), 'a');
  refused(train('--data', at('texts')), { code: 'DATA_EMPTY', texts: ['only 1 other files'] });
});

test('a truncated CIFAR batch', () => {
  mkdirSync(at('cifar'));
  writeFileSync(join(at('cifar'), 'data_batch_1.bin'), Buffer.alloc(10_000));
  refused(train('--data', at('cifar')), { code: 'DATA_CORRUPT', texts: ['data_batch_1.bin'] });
});

test('CSV rows that point nowhere', () => {
  writeFileSync(at('lost.csv'), 'path,label\ngood/a/0.png,a\nnowhere.png,b\n');
  refused(train('--data', at('lost.csv')), { code: 'DATA_NOT_FOUND', texts: ['nowhere.png', 'lost.csv:3'] });
});

test('a safetensors file of images that was cut', () => {
  const images = torch.zeros([10, 3, 8, 8], { dtype: 'uint8' });
  torch.safetensors.save(at('images.safetensors'), { images });
  truncateSync(at('images.safetensors'), 500);
  const { status, stdout, stderr } = train('--data', at('images.safetensors'));
  expect(stderr).toContain('SAFETENSORS_CORRUPT');
  expect([status, stdout, existsSync(out)]).toEqual([2, '', false]);
});

test('weights to start from: cut, hostile, of nothing, of another network', () => {
  const init = (path: string) => train('--data', at('good'), '--init', path);
  writeFileSync(at('cut.safetensors'), Buffer.alloc(100, 7));
  const hostile = new URL('../../torch/test/fixtures/io/hostile.pth', import.meta.url).pathname;
  torch.safetensors.save(at('other.safetensors'), { 'conv1.weight': torch.zeros([4, 3, 3, 3]) });
  const cases = [
    [at('cut.safetensors'), 'SAFETENSORS_CORRUPT'],
    [hostile, 'PICKLE_FORBIDDEN'],
    [at('nowhere'), 'RUN_NOT_FOUND'],
    [at('other.safetensors'), 'WEIGHTS_MISMATCH'],
  ];
  for (const [path, code] of cases) {
    const { status, stdout, stderr } = init(path!);
    expect([code, stderr.includes(`code   ${code}`), status, stdout, existsSync(out)]).toEqual([
      code,
      true,
      2,
      '',
      false,
    ]);
  }
});

test('a folder of other things as --out, with --resume as well: nothing in it is touched', async () => {
  mkdirSync(out);
  writeFileSync(join(out, 'mine.txt'), 'mine');
  for (const more of [[], ['--resume']]) {
    const { status, stderr } = train('--data', at('good'), ...more);
    expect([status, stderr.includes('RUN_EXISTS'), readdirSync(out)]).toEqual([2, true, ['mine.txt']]);
  }
});

test('an output file that exists', () => {
  writeFileSync(at('features.safetensors'), 'mine');
  const args = ['embed', '--weights', at('nowhere'), '--data', at('good'), '--out', at('features.safetensors')];
  refused(twoview(args, env), { code: 'RUN_EXISTS', texts: ['--out OTHER'] });
  expect(readFileSync(at('features.safetensors'), 'utf8')).toBe('mine');
});
