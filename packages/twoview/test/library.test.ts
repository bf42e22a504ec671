/** @file The library with objects instead of names: a network, a loss, views and images of the caller's own. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as torch from '@twoview/torch';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  barlowTwins,
  compare,
  embed,
  finetune,
  knn,
  openImages,
  type PretrainOptions,
  predict,
  pretrain,
  probe,
  views,
} from '../src/index.js';
import { pretrainSimclr } from '../src/ssl/pretrain.js';
import { classFolders, temporaryFolder } from './pictures.js';

const { nn } = torch;
const [SIZE, PATCH, WIDTH] = [16, 4, 24];

/** A Vision Transformer (Dosovitskiy et al. 2021) of patches of four pixels, without a classifier. */
class MyViT extends nn.Module {
  readonly #patches = this.child('patch_embed', new nn.Conv2d(3, WIDTH, PATCH, { stride: PATCH }));
  readonly #places = this.parameter(
    'pos_embed',
    nn.init.truncNormal(torch.empty(1, (SIZE / PATCH) ** 2, WIDTH), { std: 0.02 }),
  );
  readonly #blocks = this.child(
    'blocks',
    new nn.TransformerEncoder(
      () =>
        new nn.TransformerEncoderLayer(WIDTH, 4, {
          ...{ dimFeedforward: 48, dropout: 0, activation: 'gelu', batchFirst: true, normFirst: true },
        }),
      2,
      { norm: new nn.LayerNorm(WIDTH) },
    ),
  );

  forward(images: torch.Tensor): torch.Tensor {
    const patches = this.#patches.forward(images).flatten(2).transpose(1, 2);
    return this.#blocks.forward(patches.add(this.#places)).mean(1);
  }
}

/** Half of the images by a quarter turn. */
const rotate90 = () =>
  views.own('rotate90', (x, draw) => {
    const turned = draw('turn', 1).lt(0.5).reshape([-1, 1, 1, 1]);
    return torch.where(turned, x.rot90(1, [2, 3]), x);
  });

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
let live: number;
beforeAll(async () => {
  await torch.load({ threads: 1 });
  for (const part of ['train', 'test'])
    await classFolders(at('photos', part), ['red', 'blue'], part === 'train' ? 20 : 6, SIZE);
  live = torch.liveTensors();
});
/** What a caller's own modules make outside of scopes is the garbage collector's, which comes when it likes. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
afterEach(async () => {
  for (let tries = 0; tries < 20 && torch.liveTensors() !== live; tries++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10)); // finalizers run between tasks
  }
  expect(torch.liveTensors()).toBe(live);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const machine = { precision: 'float32', threads: 1, device: 'cpu' } as const;
const training = { ...machine, batchSize: 8, epochs: 2 };
const simclr = { ...training, heldOut: 8, k: 3, knnEvery: 1 };
const own = () => ({
  encoder: () => new MyViT(),
  loss: barlowTwins,
  views: views.compose(views.randomResizedCrop({ scale: [0.2, 1] }), rotate90()),
});
const bytes = (run: string) => readFileSync(join(run, 'checkpoints', 'last.safetensors'));

test('a ViT, Barlow Twins and a pipeline with a step of its own, from images to a fine-tuned classifier', async () => {
  using data = await openImages(at('photos'), { imageSize: SIZE });
  const epochs: unknown[] = [];
  let steps = 0;
  const vit = new MyViT();
  const first = vit.parameters()[0]!.clone();
  const run = await pretrain({
    ...simclr,
    data,
    encoder: vit,
    loss: barlowTwins,
    views: views.compose(views.randomResizedCrop({ scale: [0.2, 1] }), rotate90()),
    out: at('vit'),
    onEpoch: ({ epoch, loss, knn: accuracy }) => epochs.push([epoch, loss > 0, accuracy !== null]),
    onStep: () => {
      steps++;
    },
  });
  expect(epochs).toEqual([
    [1, true, true],
    [2, true, true],
  ]);
  expect(steps).toBe(run.steps);
  expect(torch.allclose(first, vit.parameters()[0]!)).toBe(false); // trained in place
  const recorded = parse(readFileSync(at('vit', 'config.yaml'), 'utf8'));
  expect(recorded.model).toBe('own:MyViT');
  expect(Object.keys(recorded.own).sort()).toEqual(['encoder', 'loss', 'views']);
  expect(recorded.own.loss).toMatch(/^barlowTwins [0-9a-f]{16}$/);

  const fineEpochs: unknown[] = [];
  const { metrics, evaluatedOn, trainLoss } = await finetune({
    ...{ ...training, data, init: run, fraction: 0.5, out: at('vit-half') },
    onEpoch: ({ epoch, loss }) => fineEpochs.push([epoch, loss]),
  });
  expect(fineEpochs).toEqual([
    [1, expect.any(Number)],
    [2, expect.closeTo(trainLoss!, 12)],
  ]);
  expect([metrics.count, evaluatedOn]).toEqual([12, 'test']);
  const neighbours = await knn({ ...machine, data, weights: run, k: 3 });
  expect(neighbours.model).toBe('own:MyViT');
  const { labels } = await probe({ ...machine, data, weights: run });
  expect(labels).toBe(40);
  const { featureSize } = await embed({ ...machine, data, weights: run, out: at('features.safetensors') });
  expect(featureSize).toBe(WIDTH);
  const fine = { run: at('vit-half'), encoder: vit };
  const { predictions, accuracy } = await predict({ ...machine, data, run: fine, out: at('predicted.csv') });
  expect(predictions).toHaveLength(52);
  expect(accuracy).toBeCloseTo(predictions.filter(({ label, predicted }) => label === predicted).length / 52, 12);
  first.dispose();
  vit.dispose();
});

describe('a run with own objects', () => {
  const data = at('photos');
  const options = (out: string): PretrainOptions => ({ ...simclr, data, imageSize: SIZE, ...own(), out: at(out) });

  test('is the same each time, and goes on with the same bytes', async () => {
    await pretrain(options('whole'));
    const controller = new AbortController();
    const stopping = { ...options('stopped'), signal: controller.signal, onStep: () => controller.abort() };
    await expect(pretrain(stopping)).rejects.toMatchObject({ code: 'STOPPED' });
    await pretrain({ ...options('stopped'), resume: true });
    expect(bytes(at('stopped')).equals(bytes(at('whole')))).toBe(true);
  });

  test.each<[string, Partial<PretrainOptions>]>([
    ['another loss', { loss: (zA: torch.Tensor, zB: torch.Tensor) => zA.sub(zB).square().mean() }],
    ['other views', { views: views.compose(views.flip()) }],
    ['another version', { version: '2' }],
    ['no views', { views: views.simclr() }],
  ])('is not resumed with %s', async (_, other) => {
    if (!existsSync(at('whole'))) await pretrain(options('whole'));
    await expect(pretrain({ ...options('whole'), ...other, resume: true })).rejects.toMatchObject({
      code: 'RUN_CONFIG_MISMATCH',
    });
  });

  test('cannot be read without the network, and says what to do', async () => {
    const refused = knn({ ...machine, data, imageSize: SIZE, weights: at('whole'), k: 3 });
    await expect(refused).rejects.toThrow(/own:MyViT is a network of somebody's own[\s\S]*knn/);
  });

  test('is compared with the other arms', async () => {
    const { table } = await compare({
      ...machine,
      ...own(),
      ...{
        data,
        imageSize: SIZE,
        out: at('experiment'),
        arms: ['supervised', 'semi-supervised'],
        fractions: [0.5],
        seeds: 1,
      },
      pretrain: { batchSize: 8, epochs: 1, heldOut: 8, k: 3 },
      finetune: { batchSize: 8, epochs: 1 },
    });
    expect(table.map(({ model, arm }) => [model, arm])).toEqual([
      ['own:MyViT', 'supervised'],
      ['own:MyViT', 'semi-supervised'],
    ]);
    const cell = parse(readFileSync(at('experiment/cells/own:MyViT/semi-supervised/50pct/seed0/config.yaml'), 'utf8'));
    expect(Object.keys(cell.own)).toEqual(['encoder']);
  });

  test('works in parts of the batch', async () => {
    const { loss } = await pretrain({ ...options('parts'), method: 'simclr', microBatch: 4 });
    expect(loss).toBeGreaterThan(0);
  });
});

test('the warm-up is half of all steps at most, and recorded in epochs', async () => {
  const notes: string[] = [];
  const onEvent = (event: { type: string; text?: string }) => void notes.push(event.text ?? '');
  const shared = { ...training, data: at('photos'), imageSize: SIZE, model: 'resnet10_narrow', epochs: 1, onEvent };
  await pretrain({ ...shared, heldOut: 0, warmupEpochs: 3, k: 3, out: at('warm') });
  expect(notes.join('\n')).toContain('the warm-up takes 2 steps instead of 15: half of all, at most');
  await finetune({ ...shared, epochs: 4, out: at('warm-labels') });
  const { warmupEpochs } = parse(readFileSync(at('warm-labels', 'config.yaml'), 'utf8'));
  expect(warmupEpochs).toBeCloseTo(2 / 5, 12); // a tenth of 20 steps
});

test('the settings of such a run alone are not enough', async () => {
  const { kind, ...recorded } = parse(readFileSync(at('whole', 'config.yaml'), 'utf8'));
  await expect(pretrainSimclr({ ...recorded, out: at('alone') })).rejects.toThrow(/caller's own encoder, loss, views/);
});

describe('what an own object cannot do is said', () => {
  const options = { ...simclr, data: at('photos'), imageSize: SIZE, out: at('refused') };
  class Maps extends nn.Module {
    readonly #conv = this.child('conv', new nn.Conv2d(3, 4, 3));
    forward(x: torch.Tensor): torch.Tensor {
      return this.#conv.forward(x);
    }
  }
  class Named extends nn.Module {
    readonly #fc = this.child('fc', new nn.Linear(3 * SIZE * SIZE, 4));
    forward(x: torch.Tensor): torch.Tensor {
      return this.#fc.forward(x.flatten(1));
    }
  }
  test.each<[string, Partial<PretrainOptions>, RegExp]>([
    ['maps instead of representations', { encoder: () => new Maps() }, /\[2, 4, 14, 14\][\s\S]*must return \[N, d\]/],
    [
      'a part that has the name of a classifier',
      { encoder: () => new Named() },
      /fc\.weight has the name of a classifier/,
    ],
    ['recompute without segments', { encoder: () => new MyViT(), recompute: true }, /--recompute needs segments/],
    ['no module', { encoder: {} as MyViT }, /no nn.Module with forward/],
    ['no pipeline', { views: [] as never }, /no pipeline/],
    ['no set', { data: {} as never }, /no set of images/],
    ['a setting that does not exist', { epoch: 3 } as never, /no setting epoch; did you mean epochs/],
  ])('%s', async (_, other, words) => {
    await expect(pretrain({ ...options, ...other })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(words),
    });
    expect(existsSync(at('refused'))).toBe(false);
  });

  test('callbacks in a second argument, which would be ignored', async () => {
    const inJavaScript = pretrain as (...given: object[]) => Promise<unknown>;
    await expect(inJavaScript(options, { onStep: () => {} })).rejects.toThrow(/takes one argument/);
  });

  test('an object that this job has no use for', async () => {
    const { data, imageSize, out } = options;
    const given = { ...training, data, imageSize, out, loss: barlowTwins } as never;
    await expect(finetune(given)).rejects.toThrow(/takes no loss of one's own[\s\S]*data, encoder, views, optimizer/);
  });

  test('the last stage of a network without stages', async () => {
    const { data, imageSize, out } = options;
    const refused = finetune({
      ...training,
      data,
      imageSize,
      out,
      encoder: () => new MyViT(),
      trainable: 'last-stage',
    });
    await expect(refused).rejects.toThrow(/--trainable last-stage needs stages and stageOf/);
  });
});
