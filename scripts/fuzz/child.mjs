/** @file Makes inputs from (seed, number) alone, gives each to the library, and says how it was taken. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from '../../packages/torch/dist/src/index.js';
import { openImages } from '../../packages/twoview/dist/src/data/open-images.js';
import { TwoviewError } from '../../packages/twoview/dist/src/errors.js';
import { createModel } from '../../packages/twoview/dist/src/models/create-model.js';
import { loadEncoder, readWeights } from '../../packages/twoview/dist/src/models/weights.js';
import { readRun } from '../../packages/twoview/dist/src/runs/find-runs.js';
import { mutated, random } from './mutate.mjs';

const [seed, first, root, only] = [process.argv[2], Number(process.argv[3]), process.argv[4], process.argv[5]];
const at = (path) => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));
const images = at('twoview/test/fixtures/decode');
const files = readdirSync(images).filter((name) => !name.endsWith('.json'));
const fixture = (name) => readFileSync(join(images, name));
const pths = ['checkpoint.pth', 'state-dict.pth', 'views-legacy.pth', 'views.pth'].map((name) =>
  at(`torch/test/fixtures/io/${name}`),
);
const batch = readFileSync(at('twoview/test/fixtures/cifar-python/data_batch_1'));

await torch.load({ threads: 1 });
const encoder = createModel('resnet10_narrow', { numClasses: 0 });
const seeds = join(root, 'seeds');
mkdirSync(seeds, { recursive: true });
torch.safetensors.save(join(seeds, 'weights.safetensors'), encoder.stateDict(), {
  model: 'resnet10_narrow',
  stem: 'cifar',
});
torch.safetensors.save(
  join(seeds, 'images.safetensors'),
  {
    images: torch.zeros([20, 3, 8, 8], { dtype: 'uint8' }),
    labels: torch.arange(0, 20, { dtype: 'int64' }).remainder(3),
  },
  { classes: '["a","b","c"]' },
);

/** Each writes an input into the folder and gives it to the library. */
const KINDS = {
  async image(folder, r) {
    const some = Array.from({ length: 3 }, () => files[r.below(files.length)]);
    for (const [i, name] of some.entries())
      writeFileSync(join(folder, `${i}${name.slice(name.lastIndexOf('.'))}`), mutated(fixture(name), r));
    (await openImages(folder, { imageSize: 16, skipCorrupt: r.chance(0.5) }))[Symbol.dispose]();
  },
  async table(folder, r) {
    for (let i = 0; i < 4; i++) writeFileSync(join(folder, `${i}.png`), fixture('plain.png'));
    const separator = r.pick([',', ';', '\t', '|']);
    const head =
      r.pick(['path', 'file_name', 'id', 'x']) +
      separator +
      r.pick(['label', 'class', 'y']) +
      separator +
      r.pick(['split', 'split', 'Subset', 'is_valid', 'note']);
    const odd = r.chance(0.5) ? 0 : 0.2; // half of the tables are sound
    const cell = () => (r.chance(odd) ? r.pick(['', '"', 'é', 'a|b', 'a,b', '[1]', '\0', '\\']) : r.pick(['a', 'b']));
    const path = (i) => (r.chance(odd) ? r.pick(['./2.png', '3', 'no.png', '..', '']) : `${i % 4}.png`);
    const part = () => (r.chance(odd) ? r.pick(['VAL', '1', '0', 'odd', '']) : r.pick(['train', 'test']));
    const rows = Array.from({ length: 1 + r.below(4) }, (_, i) => [path(i), cell(), part()].join(separator));
    const text = Buffer.from(
      [head, ...rows].join(r.pick(['\n', '\r\n', '\r'])),
      r.pick(['utf8', 'utf8', 'latin1', 'utf16le']),
    );
    writeFileSync(join(folder, 't.csv'), r.chance(0.3) ? mutated(text, r) : text);
    (await openImages(join(folder, 't.csv'), { imageSize: 16 }))[Symbol.dispose]();
  },
  async tree(folder, r) {
    const names = ['train', 'Test', 'val', 'holdout', 'a', 'b', '.hid', '__MACOSX', 'dev', 'x y', 'é', 'e\u0301'];
    for (let i = r.below(10); i >= 0; i--) {
      const path = join(folder, ...Array.from({ length: r.below(4) }, () => r.pick(names)));
      mkdirSync(path, { recursive: true });
      if (r.chance(0.8))
        writeFileSync(join(path, `${i}${r.pick(['.png', '.PNG', '.txt', '.heic', ''])}`), fixture('plain.png'));
    }
    (await openImages(folder, { imageSize: 16 }))[Symbol.dispose]();
  },
  async safetensors(folder, r) {
    writeFileSync(join(folder, 'x.safetensors'), mutated(readFileSync(join(seeds, 'images.safetensors')), r));
    (await openImages(join(folder, 'x.safetensors')))[Symbol.dispose]();
  },
  async cifar(folder, r) {
    const python = r.chance(0.5);
    const whole = python ? batch : Buffer.alloc(3073 * 12).fill(r.below(12), 0, 1);
    writeFileSync(join(folder, python ? 'data_batch_1' : 'data_batch_1.bin'), mutated(whole, r));
    (await openImages(folder))[Symbol.dispose]();
  },
  async weights(folder, r) {
    const source = r.pick([...pths, join(seeds, 'weights.safetensors')]);
    writeFileSync(join(folder, r.pick(['w.pth', 'w.safetensors', 'w'])), mutated(readFileSync(source), r));
    const [name] = readdirSync(folder);
    const weights = await readWeights(join(folder, name));
    try {
      loadEncoder(encoder, weights, 'resnet10_narrow');
    } finally {
      weights[Symbol.dispose]();
    }
  },
  async run(folder, r) {
    writeFileSync(
      join(folder, 'config.yaml'),
      mutated(Buffer.from('kind: pretrain\nmodel: resnet18\ndata: photos\nepochs: 3\n'), r),
    );
    writeFileSync(
      join(folder, 'summary.json'),
      mutated(Buffer.from('{"kind": "pretrain", "hash": "a", "result": {"knn": 0.5}}'), r),
    );
    readRun(folder);
  },
};
const names = Object.keys(KINDS).filter((name) => only === '' || name === only);

for (let input = first; ; input++) {
  const r = random(`${seed} ${input}`);
  const kind = names[input % names.length];
  process.send({ begins: true, input, kind });
  const folder = join(root, 'input');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  let outcome = 'taken';
  let wrong = null;
  try {
    await KINDS[kind](folder, r);
  } catch (error) {
    outcome = 'refused';
    const coded = error instanceof TwoviewError || error instanceof torch.TorchError;
    if (!coded) wrong = error instanceof Error ? `${error.stack}`.split('\n').slice(0, 3).join(' | ') : String(error);
    else if (['OPERATOR', 'ARGUMENT'].includes(error.code)) wrong = `${error.code} ${error.message.split('\n')[0]}`;
  }
  if (input % 200 === 0) rmSync(join(root, 'cache'), { recursive: true, force: true });
  process.send({ outcome, wrong, rss: process.memoryUsage().rss });
  await new Promise(setImmediate);
}
