/**
 * @file The kinds of inputs: each writes one into a folder and gives it to the library. It returns what is wrong where the library
 * took something else than is there; errors are its caller's to judge.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from '../../packages/torch/dist/src/index.js';
import { settingsOf } from '../../packages/twoview/dist/src/cli/flags.js';
import { readSettings } from '../../packages/twoview/dist/src/cli/settings.js';
import { openImages } from '../../packages/twoview/dist/src/data/open-images.js';
import { parseConfig, pretrain, pretrainSchema, TwoviewError } from '../../packages/twoview/dist/src/index.js';
import { createModel } from '../../packages/twoview/dist/src/models/create-model.js';
import { loadEncoder, readWeights } from '../../packages/twoview/dist/src/models/weights.js';
import { readRun } from '../../packages/twoview/dist/src/runs/find-runs.js';
import { mutated } from './mutate.mjs';
import { classesOf, filesBelow, images, notUsed, rowsOf, tensorOf } from './oracle.mjs';

const at = (path) => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));
const pictures = at('twoview/test/fixtures/decode');
const files = readdirSync(pictures).filter((name) => !name.endsWith('.json'));
const fixture = (name) => readFileSync(join(pictures, name));
const plain = fixture('plain.png');
const pths = ['checkpoint.pth', 'state-dict.pth', 'views-legacy.pth', 'views.pth'].map((name) =>
  at(`torch/test/fixtures/io/${name}`),
);
const batch = readFileSync(at('twoview/test/fixtures/cifar-python/data_batch_1'));
const CIFAR_RECORD = 3073;
const NETWORK = 'resnet10_narrow';

/** Node 20 has no `using`. */
function during(thing, body) {
  try {
    return body(thing);
  } finally {
    thing[Symbol.dispose]();
  }
}

const differ = (what, found, wanted) =>
  found === wanted ? null : `${found} ${what} were taken, and ${wanted} are there`;

/** @param seeds a folder for what inputs are made of, new in each process */
export async function kindsOf(seeds) {
  const encoder = createModel(NETWORK, { numClasses: 0 });
  mkdirSync(seeds, { recursive: true });
  torch.safetensors.save(join(seeds, 'weights.safetensors'), encoder.stateDict(), { model: NETWORK, stem: 'cifar' });
  torch.safetensors.save(
    join(seeds, 'images.safetensors'),
    {
      images: torch
        .arange(0, 20 * 3 * 8 * 8)
        .reshape([20, 3, 8, 8])
        .remainder(251)
        .to('uint8'),
      labels: torch.arange(0, 20, { dtype: 'int64' }).remainder(3),
    },
    { classes: '["a","b","c"]' },
  );
  const stopped = join(seeds, 'stopped');
  await trained(stopped, join(seeds, 'images.safetensors'), 3);
  const whole = await ended(stopped, join(seeds, 'whole'), join(seeds, 'images.safetensors'));

  return {
    async image(folder, r) {
      const some = Array.from({ length: 3 }, () => files[r.below(files.length)]);
      for (const [i, name] of some.entries())
        writeFileSync(join(folder, `${i}${extname(name)}`), mutated(fixture(name), r));
      return during(await openImages(folder, { imageSize: 16, skipCorrupt: r.chance(0.5) }), (set) =>
        differ('images, taken or counted,', images(set) + notUsed(set.notes), some.length),
      );
    },

    async table(folder, r) {
      for (let i = 0; i < 4; i++) writeFileSync(join(folder, `${i}.png`), plain);
      const separator = r.pick([',', ';', '\t', '|']);
      const heads = [
        ['path', 'file_name', 'id', 'x'],
        ['label', 'class', 'y'],
        ['split', 'split', 'Subset', 'is_valid', 'note'],
      ];
      const head = heads.map((names) => r.pick(names)).join(separator);
      const odd = r.chance(0.5) ? 0 : 0.2; // half of the tables are sound
      const cell = () => (r.chance(odd) ? r.pick(['', '"', 'é', 'a|b', 'a,b', '[1]', '\0', '\\']) : r.pick(['a', 'b']));
      const path = (i) => (r.chance(odd) ? r.pick(['./2.png', '3', 'no.png', '..', '']) : `${i % 4}.png`);
      const part = () => (r.chance(odd) ? r.pick(['VAL', '1', '0', 'odd', '']) : r.pick(['train', 'test']));
      const rows = Array.from({ length: 1 + r.below(4) }, (_, i) => [path(i), cell(), part()].join(separator));
      const text = [head, ...rows].join(r.pick(['\n', '\r\n', '\r']));
      const bytes = Buffer.from(text, r.pick(['utf8', 'utf8', 'latin1', 'utf16le']));
      const changed = r.chance(0.3);
      writeFileSync(join(folder, 't.csv'), changed ? mutated(bytes, r) : bytes);
      return during(await openImages(join(folder, 't.csv'), { imageSize: 16 }), (set) => {
        const taken = images(set) + notUsed(set.notes);
        if (changed || odd > 0) return taken > rows.length ? `${taken} images of ${rows.length} rows` : null;
        const wanted = rowsOf(text, separator);
        const found = classesOf(set);
        const other = [...wanted].find(([file, label]) => set.classes.length > 0 && found.get(file) !== label);
        if (other !== undefined) return `${other[0]} is of class ${other[1]}, and was taken as ${found.get(other[0])}`;
        return differ('rows', images(set), wanted.size);
      });
    },

    async tree(folder, r) {
      const names = ['train', 'Test', 'val', 'holdout', 'a', 'b', '.hid', '__MACOSX', 'dev', 'x y', 'é', 'e\u0301'];
      const sound = r.pick([[], ['a', 'b'], ['train/a', 'train/b', 'Test/a', 'Test/b']]); // something odd is put into
      for (const [i, inner] of sound.entries()) {
        mkdirSync(join(folder, inner), { recursive: true });
        for (const j of 'xy') writeFileSync(join(folder, inner, `${j}${i}.png`), plain);
      }
      for (let i = r.below(sound.length === 0 ? 10 : 4); i > 0; i--) {
        const path = join(folder, ...Array.from({ length: r.below(4) }, () => r.pick(names)));
        mkdirSync(path, { recursive: true });
        if (r.chance(0.8)) writeFileSync(join(path, `${i}${r.pick(['.png', '.PNG', '.txt', '.heic', ''])}`), plain);
        if (r.chance(0.1)) symlinkSync(r.pick([join(folder, 'a'), path, 'nowhere', pictures]), join(path, `link${i}`));
      }
      return during(await openImages(folder, { imageSize: 16 }), (set) => {
        const again = set.notes.map((note) => Number(/^(\d+) links .* counted once/.exec(note)?.[1] ?? 0));
        const taken = images(set) + notUsed(set.notes) + again.reduce((sum, count) => sum + count, 0);
        return differ('files, taken or counted,', taken, filesBelow(folder));
      });
    },

    async safetensors(folder, r) {
      const path = join(folder, 'x.safetensors');
      writeFileSync(path, mutated(readFileSync(join(seeds, 'images.safetensors')), r));
      return during(await openImages(path), (set) => differ('images', images(set), tensorOf(path, 'images')?.shape[0]));
    },

    async cifar(folder, r) {
      const python = r.chance(0.5);
      const records = 12;
      const bytes = mutated(python ? batch : Buffer.alloc(CIFAR_RECORD * records).fill(r.below(12), 0, 1), r);
      writeFileSync(join(folder, python ? 'data_batch_1' : 'data_batch_1.bin'), bytes);
      return during(await openImages(folder), (set) =>
        python ? null : differ('images', images(set), bytes.length / CIFAR_RECORD),
      );
    },

    async weights(folder, r) {
      const source = r.pick([...pths, join(seeds, 'weights.safetensors')]);
      const path = join(folder, r.pick(['w.pth', 'w.safetensors', 'w']));
      writeFileSync(path, mutated(readFileSync(source), r));
      during(await readWeights(path), (weights) => loadEncoder(encoder, weights, NETWORK));
      if (extname(source) === '.pth') return null;
      const [name, taken] = Object.entries(encoder.stateDict()).find(([, tensor]) => tensor.shape.length === 4);
      const ours = torch.scope(() => Buffer.from(new Uint8Array(taken.detach().contiguous().toTypedArray().buffer)));
      return ours.equals(tensorOf(path, name).bytes) ? null : `${name} has other numbers than the file`;
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
      return null;
    },

    /** A run that was stopped, and one of its files changed since. */
    async resume(folder, r) {
      const run = join(folder, 'run');
      cpSync(stopped, run, { recursive: true });
      const all = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const picked = r.pick(all);
      const file = join(picked.parentPath, picked.name);
      const name = relative(run, file);
      writeFileSync(file, mutated(readFileSync(file), r));
      const now = await ended(run, null, join(seeds, 'images.safetensors'));
      // The rest neither steers the steps nor is steered by them.
      const steers = ['config.yaml', join('checkpoints', 'last.safetensors'), join('checkpoints', 'best.safetensors')];
      return steers.includes(name) || now.equals(whole)
        ? null
        : `${name} was changed, and the run ends with other bytes`;
    },

    /** Images that were opened before, and a file of the cache was cut since. */
    async cache(folder, r) {
      for (const name of 'abcd') {
        mkdirSync(join(folder, name));
        for (let i = 0; i < 3; i++)
          writeFileSync(join(folder, name, `${i}.png`), fixture(r.pick(['plain.png', files[0]])));
      }
      const look = async () => {
        const seen = (set) => JSON.stringify([images(set), set.classes, set.labels, set.imageSize, set.notes]);
        return during(await openImages(folder, {}), seen);
      };
      rmSync(process.env.TWOVIEW_DATA, { recursive: true, force: true });
      const first = await look();
      const kept = readdirSync(process.env.TWOVIEW_DATA, { recursive: true, withFileTypes: true }).filter((e) =>
        e.isFile(),
      );
      const { parentPath, name } = r.pick(kept);
      const path = join(parentPath, name);
      // As a full disk or a power cut leaves it; other bytes in a file of its length would be believed.
      if (r.chance(0.5)) truncateSync(path, r.below(readFileSync(path).length));
      else writeFileSync(path, Buffer.alloc(readFileSync(path).length));
      const second = await look();
      return first === second ? null : `${name} was changed: ${first} became ${second}`;
    },

    async settings(folder, r) {
      const text = 'data: photos\nout: runs/x\nmodel: resnet18\nepochs: 3\nlr: 0.1\nstem: auto\nbatchSize: 64\nk: 20\n';
      writeFileSync(join(folder, 'c.yaml'), mutated(Buffer.from(text), r));
      const config = await readSettings(
        pretrainSchema,
        settingsOf(pretrainSchema),
        { config: join(folder, 'c.yaml') },
        {},
      );
      return config.data === '' || config.out === '' ? 'a needed setting is empty' : null;
    },

    /** The same trees as a user gives them: by the command line, in a process of its own. */
    async command(folder, r) {
      for (const [i, part] of ['train', 'train', 'test', 'test'].entries()) {
        const path = join(folder, 'set', part, r.chance(0.9) ? 'ab'[i % 2] : '.x');
        mkdirSync(path, { recursive: true });
        writeFileSync(join(path, `${i}.png`), r.chance(0.7) ? plain : mutated(fixture(r.pick(files)), r));
      }
      const main = at('twoview/bin/twoview.js');
      const args = [main, 'data', join(folder, 'set'), '--image-size', '16', '--json'];
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (signal !== null || ![0, 1, 2].includes(status)) return `the command ended with ${signal ?? status}`;
      if (/^\s+at .*:\d+:\d+/m.test(stderr + stdout)) return `a stack was printed: ${stderr.split('\n')[0]}`;
      const said = JSON.parse(stdout);
      if (status !== 0) throw coded(said.error);
      const taken = said.parts.reduce((sum, part) => sum + part.images, 0);
      return differ('files, taken or counted,', taken + notUsed(said.notes), filesBelow(join(folder, 'set')));
    },
  };
}

/** What the command line says, as the error that it was. */
function coded({ code, message }) {
  if (code === 'UNEXPECTED') return new Error(message);
  return Object.assign(Object.create(TwoviewError.prototype), { code, message });
}

const settingsFor = (out, data, more) =>
  parseConfig(pretrainSchema, {
    ...{
      data,
      out,
      model: NETWORK,
      stem: 'cifar',
      precision: 'float32',
      threads: 1,
      batchSize: 4,
      epochs: 2,
      k: 2,
      heldOut: 4,
    },
    ...more,
  });

/** Trains for some steps, and stops. */
async function trained(out, data, steps) {
  const stop = new AbortController();
  let done = 0;
  const onEvent = (event) => {
    if (event.type === 'step' && ++done === steps) stop.abort();
  };
  await pretrain({ ...settingsFor(out, data), onEvent, signal: stop.signal }).catch((error) => {
    if (error.code !== 'STOPPED') throw error;
  });
}

/** Trains to the end. @param copy where to, first; null trains the run itself @returns the last checkpoint */
async function ended(run, copy, data) {
  if (copy !== null) cpSync(run, copy, { recursive: true });
  const out = copy ?? run;
  await pretrain(settingsFor(out, data, { resume: true }));
  const bytes = readFileSync(join(out, 'checkpoints', 'last.safetensors'));
  if (copy !== null) rmSync(copy, { recursive: true });
  return bytes;
}
