/** @file `npm run bench:studio` at a size at which its figures say nothing: every row measures, and none breaks. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from './photographs.js';

const root = temporaryFolder();
const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const SIDE = 16;
const EACH = 60;

beforeAll(async () => {
  for (const [c, name] of ['dark', 'light', 'red'].entries()) {
    mkdirSync(join(root, 'photos', name), { recursive: true });
    for (let i = 0; i < EACH; i++) {
      const pixels = Buffer.alloc(SIDE * SIDE * 3);
      for (let k = 0; k < pixels.length; k++) pixels[k] = (c === 2 && k % 3 > 0 ? 0 : 90 * c) + ((k * (i + 7)) % 60);
      const picture = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
      writeFileSync(join(root, 'photos', name, `${i}.jpg`), await picture.jpeg().toBuffer());
    }
  }
  const program = join(repository, 'packages/twoview/bin/twoview.js');
  const out = ['--out', join(root, 'run'), '--model', 'resnet10_narrow', '--epochs', '1', '--batch-size', '32'];
  node(program, 'pretrain', '--data', join(root, 'photos'), ...out);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

function node(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.slice(0, 2).join(' ')} ended with ${status}: ${stderr}\n${stdout}`);
  return { stdout, stderr };
}
const benchmark = (...args: string[]) =>
  node(join(repository, 'benchmarks/studio.mjs'), '--data', join(root, 'photos'), ...args);

test('all rows measure', () => {
  const json = join(root, 'bench.json');
  const sizes = ['--labels', '5', '--rows', '3', '--look', '0', '--seconds', '3', '--repeat', '1'];
  const { stdout } = benchmark(
    ...['--weights', join(root, 'run'), '--model', 'resnet10_narrow', '--json', json, ...sizes],
    ...['--only', 'known,keys,similar,map,panning,training,pausing,rows,memory'],
  );
  const { rows } = JSON.parse(readFileSync(json, 'utf8')) as {
    rows: { row: string; what: string; samples?: number[]; absent?: string }[];
  };
  expect(rows.map(({ row }) => row)).toEqual([
    'known',
    'keys',
    'keys',
    'similar',
    'map',
    'map',
    'panning',
    'training',
    'pausing',
    'rows',
    'memory',
  ]);
  for (const { what, samples } of rows) {
    expect(samples, what).not.toEqual([]);
    for (const value of samples ?? []) expect(value, what).toBeGreaterThanOrEqual(0);
    expect(stdout).toContain(`| ${what} |`);
  }
  expect(stdout).toContain(`${3 * EACH} images of photos`);
});

test('a row that breaks says why, and the others go on', () => {
  const program = join(repository, 'benchmarks/studio.mjs');
  const args = ['--data', join(root, 'photos'), '--only', 'similar,memory'];
  const { status, stdout } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout).toContain('| similar | | | broke | | needs an encoder: --weights RUN |');
  expect(stdout).toMatch(/\| memory of the server \| <= 400 MiB \| [\d.]+ MiB \| yes \| 1 \|/);
});
