/** @file A run folder keeps what it holds: locks, refusals, full disks, killed writers, and the time over all processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finetuneSchema } from '../src/config/finetune.js';
import { parseConfig } from '../src/config/parse.js';
import { saveCheckpoint } from '../src/runs/checkpoint.js';
import { Checkpoints } from '../src/runs/checkpoints.js';
import type { ProgressEvent } from '../src/runs/events.js';
import { noRun } from '../src/runs/no-run.js';
import { isAlive, thisProcess } from '../src/runs/processes.js';
import { readConfig } from '../src/runs/run-config.js';
import { RunFolder, readMetrics } from '../src/runs/run-folder.js';
import { temporaryFolder } from './pictures.js';

const root = temporaryFolder();
beforeAll(() => torch.load({ threads: 1 }));
afterAll(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);
const open = (name: string, config = {}, resume = false) => RunFolder.open(at(name), 'finetune', config, resume);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'allowed',
    (error) => error.code,
  );

describe('who may open it', () => {
  test('one at a time; the second is told which process has it', async () => {
    const run = await open('one');
    await expect(open('one', {}, true)).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
    await run.close();
    await (await open('one', {}, true)).close();
    expect(readdirSync(at('one')).sort()).toEqual(['checkpoints', 'config.yaml', 'environment.json']);
  });

  test('what a killed process left is taken over at once, by one of two that come together', async () => {
    await (await open('killed')).close();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const owner = { pid: child.pid!, host: hostname(), started: startOf(child.pid!) };
    mkdirSync(join(at('killed'), '.lock'));
    writeFileSync(join(at('killed'), '.owner'), JSON.stringify(owner));
    expect([isAlive(owner), await codeOf(open('killed', {}, true))]).toEqual([true, 'RUN_LOCKED']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const begun = performance.now();
    const both = await Promise.all([codeOf(open('killed', {}, true)), codeOf(open('killed', {}, true))]);
    expect(both.sort()).toEqual(['RUN_LOCKED', 'allowed']);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('who looks at the owner does so alone: a claim holds others back, and ends when its holder was killed', async () => {
    await (await open('claimed')).close();
    mkdirSync(join(at('claimed'), '.claim.lock'));
    const begun = performance.now();
    await (await open('claimed', {}, true)).close();
    expect(performance.now() - begun).toBeGreaterThan(1000);
  });

  test('a number that another program has by now is not the owner', () => {
    if (thisProcess().started === null) return; // systems without /proc cannot tell
    expect(isAlive({ ...thisProcess(), started: '1' })).toBe(false);
    expect(isAlive(thisProcess())).toBe(true);
  });

  test('of a process on another machine the heartbeat tells', async () => {
    await (await open('elsewhere')).close();
    mkdirSync(join(at('elsewhere'), '.lock'));
    writeFileSync(join(at('elsewhere'), '.owner'), JSON.stringify({ pid: 1, host: 'another', started: '1' }));
    expect(await codeOf(open('elsewhere', {}, true))).toBe('RUN_LOCKED');
  });
});

describe('what is refused, and stays as it was', () => {
  test('a folder that holds a run, without resume', async () => {
    await (await open('used')).close();
    await expect(open('used')).rejects.toMatchObject({ code: 'RUN_EXISTS', message: /--resume {2}goes on/ });
  });

  test('a run of other settings, naming them; how often it saves is free', async () => {
    await (await open('other', { epochs: 3, checkpointMinutes: 3 })).close();
    const before = readFileSync(join(at('other'), 'config.yaml'), 'utf8');
    await expect(open('other', { epochs: 4, checkpointMinutes: 3 }, true)).rejects.toMatchObject({
      code: 'RUN_CONFIG_MISMATCH',
      message: /epochs: 3 there, 4 here/,
    });
    expect(readFileSync(join(at('other'), 'config.yaml'), 'utf8')).toBe(before);
    await (await open('other', { epochs: 3, checkpointMinutes: 9 }, true)).close();
  });

  test('not one of a version that had fewer settings: those were at their defaults', async () => {
    const config = parseConfig(finetuneSchema, { data: 'd', init: 'scratch', out: at('older'), model: 'resnet18' });
    await (await open('older', config)).close();
    const file = join(at('older'), 'config.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^mixup: 0\n/m, ''));
    expect(readConfig(at('older')).mixup).toBe(undefined);
    expect(await codeOf(open('older', { ...config, mixup: 0.2 }, true))).toBe('RUN_CONFIG_MISMATCH');
    await (await open('older', config, true)).close();
  });

  test('a folder of other things, with resume as well; nothing in it is touched', async () => {
    mkdirSync(at('photos'));
    writeFileSync(join(at('photos'), 'holiday.jpg'), 'mine');
    for (const resume of [false, true]) {
      const during = RunFolder.during(at('photos'), 'finetune', { resume }, {}, () =>
        Promise.reject(new Error('failed')),
      );
      await expect(during).rejects.toMatchObject({ code: 'RUN_EXISTS', message: /what it holds is no run/ });
    }
    expect(readdirSync(at('photos'))).toEqual(['holiday.jpg']);
  });

  test('a run that was there stays when resuming it fails; a new one that fails before its first step goes', async () => {
    const failing = (name: string, resume: boolean) =>
      RunFolder.during(at(name), 'finetune', { resume }, {}, () => Promise.reject(new Error('failed')));
    await (await open('old', { resume: true })).close();
    await expect(failing('old', true)).rejects.toThrow('failed');
    await expect(failing('new', false)).rejects.toThrow('failed');
    expect([existsSync(at('old')), existsSync(at('new'))]).toEqual([true, false]);
  });
});

describe('when writing fails', () => {
  test.runIf(existsSync('/dev/full'))('a full disk is DISK_FULL, not a bug', async () => {
    const run = await open('full');
    symlinkSync('/dev/full', run.file('metrics.jsonl')); // the system's own full disk
    expect(() => run.metric({ step: 1, epoch: 1, loss: 1 })).toThrow(/the disk is full[\s\S]*DISK_FULL/);
    await run.close();
  });

  test('a line and a file that a kill cut short are not read, and go', async () => {
    const run = await open('torn');
    for (const step of [1, 2, 3]) run.metric({ step, epoch: 1, loss: step });
    await run.close();
    const file = join(at('torn'), 'metrics.jsonl');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, `${whole}{"step":4,"epo`);
    writeFileSync(join(at('torn'), 'checkpoints', 'last.safetensors.partial-7-ab'), 'half');
    expect(readMetrics(at('torn')).length).toBe(3);
    const again = await open('torn', {}, true);
    again.keepMetricsUpTo(2);
    await again.close();
    expect(readFileSync(file, 'utf8')).toBe(whole.split('\n').slice(0, 2).join('\n').concat('\n'));
    expect(readdirSync(join(at('torn'), 'checkpoints'))).toEqual([]);
  });
});

test.each(['kind: pretrained\n', '- pretrain\n', 'epochs: 3\n'])(
  'a config.yaml that names no kind of run is damaged: %j',
  async (text) => {
    const run = await open('kind');
    await run.close();
    writeFileSync(run.file('config.yaml'), text);
    await expect(open('kind', {}, true)).rejects.toMatchObject({
      code: 'RUN_CORRUPT',
      message: /names no kind of run/,
    });
    rmSync(run.path, { recursive: true });
  },
);

test('a process that does not write settles auto as the one that writes does', async () => {
  const run = await open('settled');
  const config: Record<string, unknown> = { lr: 'auto', device: 'cpu', precision: 'auto' };
  const found = { lr: 0.1, device: 'cuda' };
  expect(noRun(at('settled')).resolveAuto(config, found)).toEqual({ lr: 0.1, device: 'cpu', precision: 'auto' });
  expect(run.resolveAuto(config, found)).toEqual({ lr: 0.1, device: 'cpu', precision: 'auto' });
  await run.close();
});

test('what auto became is compared with nothing, so its value must be valid', async () => {
  const run = await open('became', { device: 'auto' });
  await run.close();
  const text = readFileSync(run.file('config.yaml'), 'utf8');
  writeFileSync(run.file('config.yaml'), text.replace('device: auto', 'device: bpu'));
  await expect(open('became', { device: 'auto' }, true)).rejects.toMatchObject({ code: 'RUN_CORRUPT' });
  writeFileSync(run.file('config.yaml'), text.replace('device: auto', 'device: cpu'));
  await (await open('became', { device: 'auto' }, true)).close();
});

describe('checkpoints', () => {
  const parts = () => {
    const encoder = new torch.nn.Linear(2, 2);
    const optimizer = new torch.optim.SGD([{ parameters: [...encoder.namedParameters()] }], { lr: 1, momentum: 0.9 });
    return { encoder, head: null, optimizer };
  };
  const start = { step: 0, lossSum: 0, knn: null as number | null };

  test('a position comes back as it was, to the last bit; none yet is none', async () => {
    const run = await open('position');
    const some = parts();
    const first = new Checkpoints<typeof start>(run, some, { minutes: 0, about: {} });
    expect(first.resume(start, 10, {})).toEqual(start);
    run.metric({ step: 7, epoch: 1, loss: 0.1 });
    await first.after({ step: 7, lossSum: 0.1 + 0.2, knn: null }, 10, undefined);
    const second = new Checkpoints<typeof start>(run, some, { minutes: 0, about: {} });
    const said: string[] = [];
    const onEvent = (event: ProgressEvent) => said.push(event.type === 'note' ? event.text : event.type);
    expect(second.resume(start, 10, { onEvent })).toEqual({ step: 7, lossSum: 0.1 + 0.2, knn: null });
    expect(said).toEqual(['going on after step 7 of 10']);
    await run.close();
  });

  test('are written when it is time, at the end, and when asked to stop; seconds add up over processes', async () => {
    const run = await open('moments');
    run.metric({ step: 1, epoch: 1, loss: 0.1 });
    const last = run.file('checkpoints', 'last.safetensors');
    const rare = new Checkpoints<typeof start>(run, parts(), { minutes: 60, about: {} });
    await rare.after({ ...start, step: 1 }, 3, undefined);
    expect(existsSync(last)).toBe(false);
    const stop = rare.after({ ...start, step: 2 }, 3, AbortSignal.abort());
    await expect(stop).rejects.toMatchObject({ code: 'STOPPED', message: /step 2 of 3/ });
    writeFileSync(run.file('elapsed.json'), '{"seconds": 1000}');
    const next = new Checkpoints<typeof start>(run, parts(), { minutes: 60, about: {} });
    expect(next.resume(start, 3, {}).step).toBe(2);
    await next.after({ ...start, step: 3 }, 3, AbortSignal.abort()); // the last step ends the job; there is nothing to stop
    expect(new Checkpoints<typeof start>(run, parts(), { minutes: 60, about: {} }).resume(start, 3, {}).step).toBe(3);
    expect([next.seconds > 1000, next.seconds < 1010]).toEqual([true, true]);
    expect(JSON.parse(readFileSync(run.file('elapsed.json'), 'utf8')).seconds).toBeGreaterThan(1000);
    await run.close();
  });

  test('hold the state as it was, though training goes on while they are written', async () => {
    const run = await open('snapshot');
    run.metric({ step: 1, epoch: 1, loss: 0.1 });
    const some = parts();
    const [weight] = some.encoder.parameters();
    const was = weight!.tolist();
    const checkpoints = new Checkpoints<typeof start>(run, some, { minutes: 1e-9, about: {} });
    await checkpoints.after({ ...start, step: 1 }, 9, undefined);
    expect(existsSync(run.file('checkpoints', 'last.safetensors'))).toBe(false); // it is being written
    torch.noGrad(() => weight!.fill_(7));
    await checkpoints[Symbol.asyncDispose]();
    expect(new Checkpoints<typeof start>(run, some, { minutes: 0, about: {} }).resume(start, 9, {}).step).toBe(1);
    expect(weight!.tolist()).toEqual(was);
    await run.close();
  });

  test('one that could not be written ends the job at a later step at the latest, with its reason', async () => {
    const run = await open('unwritable');
    run.metric({ step: 1, epoch: 1, loss: 0.1 });
    const checkpoints = new Checkpoints<typeof start>(run, parts(), { minutes: 60, about: {} });
    rmSync(run.file('checkpoints'), { recursive: true });
    await checkpoints.saveBest({ ...start, step: 1 });
    await checkpoints[Symbol.asyncDispose]();
    await expect(checkpoints.after({ ...start, step: 2 }, 9, undefined)).rejects.toMatchObject({ code: 'FILE_ACCESS' });
    await run.close();
  });

  test('one that holds numbers that are not finite is damaged', async () => {
    const run = await open('infinite');
    run.metric({ step: 1, epoch: 1, loss: 0.1 });
    const some = parts();
    torch.noGrad(() => some.encoder.parameters()[0]!.select(0, 0).fill_(Number.POSITIVE_INFINITY));
    await saveCheckpoint(run.file('checkpoints', 'last.safetensors'), some, { step: '1', lossSum: '0', knn: '' });
    const checkpoints = new Checkpoints<typeof start>(run, parts(), { minutes: 60, about: {} });
    expect(() => checkpoints.resume(start, 9, {})).toThrow(expect.objectContaining({ code: 'RUN_CORRUPT' }));
    await run.close();
  });

  test('weights that are not finite never replace good ones', async () => {
    const run = await open('finite');
    run.metric({ step: 1, epoch: 1, loss: 0.1 });
    const some = parts();
    const checkpoints = new Checkpoints<typeof start>(run, some, { minutes: 0, about: {} });
    await checkpoints.after({ ...start, step: 1 }, 9, undefined);
    const good = readFileSync(run.file('checkpoints', 'last.safetensors'));
    torch.noGrad(() => some.encoder.parameters()[0]!.select(0, 0).fill_(Number.NaN));
    await expect(checkpoints.after({ ...start, step: 2 }, 9, undefined)).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: /holds the last good state/,
    });
    expect(readFileSync(run.file('checkpoints', 'last.safetensors')).equals(good)).toBe(true);
    await run.close();
  });
});

function startOf(pid: number): string | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]!;
}
