/** @file The command line as a user meets it: help, wrong input with its code and exit status, results for people and programs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { twoview } from './command-line.js';
import { classFolders, temporaryFolder } from './pictures.js';

const root = temporaryFolder();
const env = { TWOVIEW_DATA: join(root, 'cache') };
const data = join(root, 'pictures');
const network = ['--model', 'resnet10_narrow', '--precision', 'float32'];
const quick = [...network, '--epochs', '1', '--batch-size', '8', '--held-out', '4', '--k', '4'];
beforeAll(async () => {
  await classFolders(join(data, 'train'), ['a', 'b', 'c'], 10);
  await classFolders(join(data, 'test'), ['a', 'b', 'c'], 2);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('help', () => {
  test('names every command, and needs no engine', () => {
    const { status, stdout } = twoview(['--help'], { TWOVIEW_CACHE: join(root, 'no-engine') });
    expect(status).toBe(0);
    for (const name of [
      'pretrain',
      'knn',
      'probe',
      'finetune',
      'compare',
      'report',
      'embed',
      'models',
      'runs',
      'doctor',
    ])
      expect(stdout).toContain(`\n  ${name} `);
    expect(existsSync(join(root, 'no-engine'))).toBe(false);
  });

  test('of a command lists every setting with its default', () => {
    const { status, stdout } = twoview(['pretrain', '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/--loss <name>\s+loss on the projections of the two views of each\s+image/);
    expect(stdout).toMatch(/--batch-size <n>[^-]*\(default\s+256\)/);
  });

  test('--print-config prints what --config takes', () => {
    const printed = twoview(['pretrain', '--data', 'shapes', '--out', 'x', '--lr', '0.5', '--print-config']);
    expect(printed.status).toBe(0);
    const file = join(root, 'config.yaml');
    writeFileSync(file, printed.stdout);
    const again = twoview(['pretrain', '--config', file, '--epochs', '7', '--print-config']);
    expect(parse(again.stdout)).toEqual({ ...parse(printed.stdout), epochs: 7 });
  });
});

describe('wrong usage is exit 2 with the way out', () => {
  const cases: [string, string[], string[]][] = [
    ['an unknown command', ['pretrian'], ['did you mean pretrain?']],
    ['an unknown flag', ['pretrain', '--batchsize', '4'], ['--batchsize', 'Did you mean --batch-size?']],
    ['no data', ['pretrain', '--out', 'x'], ['data is missing', 'CONFIG_INVALID']],
    ['a value out of range', ['pretrain', '--data', 'shapes', '--out', 'x', '--flip', '3'], ['flip', 'CONFIG_INVALID']],
    [
      'two wrong values at once',
      ['pretrain', '--data', 'shapes', '--out', 'x', '--epochs', 'many', '--optimizer', 'rms'],
      [
        '2 settings are wrong',
        'epochs must be a whole number, 1 or more, not "many"',
        'must be one of auto, sgd, lars, adam, adamw, muon',
      ],
    ],
    [
      'an unknown network',
      ['finetune', '--data', data, '--model', 'resnet19', '--out', join(root, 'u1')],
      ['MODEL_UNKNOWN', 'did you mean resnet18?'],
    ],
    [
      'no such data',
      ['pretrain', '--data', 'shapse', '--out', join(root, 'u2')],
      ['DATA_NOT_FOUND', 'did you mean shapes?'],
    ],
    [
      'a fraction too small',
      ['finetune', '--data', data, ...network, '--fraction', '0.01', '--out', join(root, 'u3')],
      ['FRACTION_TOO_SMALL', '--fraction 0.1'],
    ],
    [
      'a batch larger than the set',
      ['pretrain', '--data', data, ...quick, '--batch-size', '64', '--out', join(root, 'u4')],
      ['BATCH_TOO_LARGE', '--batch-size'],
    ],
    ['no weights', ['knn', join(root, 'nowhere'), '--data', data], ['RUN_NOT_FOUND']],
    [
      'an unknown preset',
      ['compare', '--preset', 'quikstart', '--data', 'shapes', '--out', 'x'],
      ['did you mean quickstart?'],
    ],
    [
      'no source of transfer',
      ['compare', '--data', data, '--models', 'resnet10_narrow', '--out', join(root, 'u5')],
      ['--transfer-data'],
    ],
    ['a report of nothing', ['report', root], ['RUN_NOT_FOUND', 'compare']],
  ];
  test.each(cases)('%s', (_, args, texts) => {
    const { status, stderr, stdout } = twoview(args, env);
    for (const text of texts) expect(stderr).toContain(text);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(/\n\s+at .*\.js:\d+/); // no stack
  });

  test('an unknown key of a config file names the closest one', () => {
    const file = join(root, 'typo.yaml');
    writeFileSync(file, 'data: shapes\nout: x\nfinetune: { epoch: 3 }\nmodel: resnet18\n');
    const { status, stderr } = twoview(['compare', '--config', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('did you mean finetune.epochs?');
    expect(stderr).toContain('did you mean models?');
  });

  test('a config file that is no YAML, with its line', () => {
    const file = join(root, 'broken.yaml');
    writeFileSync(file, 'data: shapes\nmodel: [a, b\nout: x\n');
    const { status, stderr } = twoview(['pretrain', '--config', file]);
    expect([status, /broken\.yaml, line \d/.test(stderr)]).toEqual([2, true]);
  });

  test('--json prints errors as JSON', () => {
    const { status, stdout } = twoview(['pretrain', '--data', 'nowhere/', '--out', join(root, 'u6'), '--json'], env);
    expect([status, JSON.parse(stdout).error.code]).toEqual([2, 'DATA_NOT_FOUND']);
  });

  test('nothing was left behind by any of these', () => {
    expect(readdirSync(root).filter((name) => /^u\d$/.test(name) && readdirSync(join(root, name)).length > 0)).toEqual(
      [],
    );
  });
});

describe('a small job from start to end', () => {
  const run = join(root, 'run');
  test('pretrain writes a run folder; the same --out is refused with both ways out', () => {
    const { status, stdout, stderr } = twoview(['pretrain', '--data', data, ...quick, '--out', run], env);
    expect(stderr).not.toContain('error');
    expect(status).toBe(0);
    expect(stdout).toContain('kNN');
    for (const name of [
      'config.yaml',
      'environment.json',
      'metrics.jsonl',
      'train.log',
      'summary.json',
      'checkpoints/last.safetensors',
    ])
      expect(existsSync(join(run, name)), name).toBe(true);
    const config = parse(readFileSync(join(run, 'config.yaml'), 'utf8'));
    expect([config.device, config.lr, config.imageSize].every((value) => value !== 'auto')).toBe(true);
    const again = twoview(['pretrain', '--data', data, ...quick, '--out', run], env);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('RUN_EXISTS');
    expect(again.stderr).toContain('--resume');
    expect(again.stderr).toContain('--out OTHER');
  });

  test('--resume with other settings is refused, naming them', () => {
    const { status, stderr } = twoview(
      ['pretrain', '--data', data, ...quick, '--epochs', '9', '--out', run, '--resume'],
      env,
    );
    expect([status, stderr.includes('RUN_CONFIG_MISMATCH')]).toEqual([2, true]);
    expect(stderr).toContain('epochs: 1 there, 9 here');
  });

  test('knn, probe, embed and finetune take the run', () => {
    const knn = twoview(['knn', run, '--data', data, '--k', '5', '--json'], env);
    expect(JSON.parse(knn.stdout)).toMatchObject({ k: 5, bank: 30, metrics: { count: 6 } });
    const probe = twoview(['probe', run, '--data', data, '--json'], env);
    expect(JSON.parse(probe.stdout)).toMatchObject({ labels: 30, metrics: { count: 6 } });
    const features = join(root, 'features.safetensors');
    expect(twoview(['embed', '--weights', run, '--data', data, '--out', features], env).stdout).toContain('[30, 128]');
    const lines = readFileSync(`${features}.csv`, 'utf8').trim().split('\n');
    expect([lines[0], lines.length]).toEqual(['index,path,class', 31]);
    const [index, path, name] = lines[12]!.split(',') as [string, string, string];
    expect([index, dirname(path), existsSync(join(data, path))]).toEqual(['11', join('train', name), true]);
    const args = ['finetune', '--data', data, ...network, '--init', run, '--epochs', '2', '--out', join(root, 'tuned')];
    const tuned = twoview(args, env);
    expect([tuned.status, tuned.stdout.includes('accuracy')]).toEqual([0, true]);
  });

  test('weights of another network are refused, naming the keys and the right network', () => {
    const args = ['finetune', '--data', data, '--model', 'resnet18', '--init', run, '--out', join(root, 'other')];
    const { status, stderr } = twoview(args, env);
    expect([status, stderr.includes('WEIGHTS_MISMATCH')]).toEqual([2, true]);
    expect(stderr).toContain('layer1.1.conv1.weight');
    expect(stderr).toContain('--model resnet10_narrow');
  });

  test('settings that mean nothing to training with labels are refused, not ignored', () => {
    const out = join(root, 'source');
    const args = ['pretrain', '--method', 'supervised', '--data', data, '--limit', '10', '--hue', '0.3', '--out', out];
    const { status, stderr } = twoview(args, env);
    expect([status, stderr.includes('CONFIG_INVALID'), existsSync(out)]).toEqual([2, true, false]);
    expect(stderr).toContain('hue, limit');
  });

  test('finetune takes network and stem from the run, and refuses another stem whose weights would fit', () => {
    const out = join(root, 'followed');
    const args = ['finetune', '--data', data, '--init', run, '--max-steps', '1'];
    expect(twoview([...args, '--out', out], env).status).toBe(0);
    expect(readFileSync(join(out, 'config.yaml'), 'utf8')).toMatch(/^model: resnet10_narrow$/m);
    const { status, stderr } = twoview([...args, '--stem', 'cifar-half', '--out', join(root, 'halved')], env);
    expect([status, stderr.includes('WEIGHTS_MISMATCH'), stderr.includes('--stem cifar')]).toEqual([2, true, true]);
    expect(existsSync(join(root, 'halved'))).toBe(false);
    rmSync(out, { recursive: true });
  });

  test('k larger than the training images', () => {
    const { status, stderr } = twoview(['knn', run, '--data', data, '--k', '500'], env);
    expect([status, stderr.includes('BATCH_TOO_LARGE'), stderr.includes('--k')]).toEqual([2, true, true]);
  });

  test('hostile and truncated weights are refused, and nothing runs', () => {
    const cut = join(root, 'cut.safetensors');
    writeFileSync(cut, readFileSync(join(run, 'checkpoints/last.safetensors')).subarray(0, 5000));
    const truncated = twoview(['knn', cut, '--data', data, '--k', '5'], env);
    expect([truncated.status, truncated.stderr.includes('SAFETENSORS_CORRUPT')]).toEqual([2, true]);
    const hostile = new URL('../../torch/test/fixtures/io/hostile.pth', import.meta.url).pathname;
    const refused = twoview(['knn', hostile, '--model', 'resnet18', '--data', data, '--k', '5'], env);
    expect([refused.status, refused.stderr.includes('PICKLE_FORBIDDEN')]).toEqual([2, true]);
  });

  test('a loss that is not finite stops, and keeps the last good checkpoint', () => {
    const out = join(root, 'diverged');
    const args = [...quick, '--epochs', '30', '--lr', '1e18', '--warmup-epochs', '0', '--optimizer', 'sgd'];
    const { status, stderr } = twoview(['pretrain', '--data', data, ...args, '--out', out], env);
    expect([status, stderr.includes('LOSS_NOT_FINITE')]).toEqual([1, true]);
    expect(stderr).toContain('--lr LOWER');
  });

  test('runs ls, show and best', () => {
    expect(twoview(['runs', 'ls', root]).stdout).toContain(run);
    expect(parse(twoview(['runs', 'show', run]).stdout)).toMatchObject({ config: { kind: 'pretrain' } });
    expect(twoview(['runs', 'best', root, '--by', 'knn']).stdout).toContain(run);
    const byTest = twoview(['runs', 'best', root]);
    expect([byTest.status, byTest.stderr]).toEqual([2, expect.stringContaining('RANKED_BY_TEST')]);
    mkdirSync(join(root, 'nothing'));
    expect(twoview(['runs', 'best', join(root, 'nothing')]).status).toBe(2);
  });

  test('models and doctor', () => {
    const models = JSON.parse(twoview(['models', '--json']).stdout);
    const of = (name: string) => models.find((row: { name: string }) => row.name === name);
    // torchvision's and timm's published counts with 1000 classes
    const published = { resnet18: 11_689_512, resnet34: 21_797_672, resnet50: 25_557_032, rexnet_150: 9_728_593 };
    for (const [name, count] of Object.entries(published)) expect(of(name).parameters.classes1000, name).toBe(count);
    // ... and torchvision's published multiply-adds, in thousands of millions
    expect(of('resnet18').multiplyAdds.imagenet224 / 1e9).toBeCloseTo(1.814, 3);
    expect(of('resnet34').multiplyAdds.imagenet224 / 1e9).toBeCloseTo(3.664, 2);
    expect(of('resnet50').multiplyAdds.imagenet224 / 1e9).toBeCloseTo(4.089, 2);
    const doctor = twoview(['doctor']);
    expect(doctor.status).toBe(0);
    expect(doctor.stdout).toMatch(/libtorch\s+2\./);
  });
});
