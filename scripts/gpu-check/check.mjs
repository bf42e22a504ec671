#!/usr/bin/env node
/**
 * @file The check of a GPU machine: does it compute what the CPU computes, how fast does it pre-train, and does it learn? Each
 * part is written into the JSON as soon as it is done, and one that fails does not keep the others from running.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareAll } from './compare.mjs';
import { measureNetworks, measurePeer } from './networks.mjs';
import { doctorReport, openImages, torch } from './parts.mjs';
import { FULL, REHEARSAL } from './sizes.mjs';
import { measureSpeed } from './speed.mjs';
import { testKnn, trainFor } from './train.mjs';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'cuda' },
    minutes: { type: 'string', default: '10' },
    data: { type: 'string' },
    out: { type: 'string', default: 'gpu-check.json' },
    work: { type: 'string', default: '.' },
  },
});
const here = import.meta.dirname;
const started = performance.now();
const say = (text) => console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);

const { device } = flags;
const rehearsal = device === 'cpu';
const sizes = rehearsal ? REHEARSAL : FULL;
const minutes = Number(flags.minutes);
if (!(minutes >= 0)) throw new Error(`--minutes must be a number, 0 for the comparisons alone, got ${flags.minutes}`);
if (flags.data === undefined) throw new Error('--data is missing: a safetensors file of images, or CIFAR batches');

const result = { format: 1, date: new Date().toISOString(), rehearsal, device, minutes, passed: false, failures: [] };
const write = () => {
  const seconds = (performance.now() - started) / 1000;
  writeFileSync(`${flags.out}.partial`, `${JSON.stringify({ ...result, seconds }, null, 2)}\n`);
  renameSync(`${flags.out}.partial`, flags.out);
};
/** Runs one part; its failure is kept beside the results of the others. */
async function part(name, body) {
  try {
    result[name] = await body();
  } catch (error) {
    result.failures.push({
      part: name,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    say(`FAILED ${name}: ${error instanceof Error ? error.message : error}`);
  }
  write();
}

await part('machine', () => doctorReport());
await part('versions', async () => {
  await torch.load();
  const { version, cpuCapability, config } = torch.buildInfo();
  const packed = JSON.parse(readFileSync(join(here, 'packed.json'), 'utf8'));
  return { node: process.version, torch: version, cpuCapability, config, ...packed };
});
if (!rehearsal) {
  await part('gpu', () => {
    const { total } = torch.cuda.memory(device);
    return { ...torch.cuda.properties(device), memory: total, count: torch.cuda.deviceCount() };
  });
}
if (result.failures.length === 0) {
  say(`check  ${rehearsal ? 'a rehearsal on the CPU' : result.gpu.name}, libtorch ${result.versions.torch}`);
  const set = await openImages(resolve(flags.data));
  result.data = {
    name: set.name,
    train: set.train.count,
    test: set.test?.count ?? 0,
    classes: set.classes,
    notes: set.notes,
  };
  await part('comparisons', () => compareAll(device, sizes, set.train.images, say));
  if (minutes > 0) await part('speed', () => measureSpeed(device, sizes, set.train.images, say));
  if (minutes > 0) await part('networks', () => measureNetworks(device, sizes, say));
  if (minutes > 0) await part('peers', () => measurePeer(device, sizes, say));
  if (result.speed !== undefined) {
    const fastest = result.speed
      .filter((line) => line.cudnn !== 'benchmark')
      .sort((a, b) => b.viewsPerSecond - a.viewsPerSecond)[0];
    const job = {
      device,
      model: sizes.model,
      train: sizes.train,
      data: resolve(flags.data),
      set,
      work: flags.work,
      fastest,
    };
    if (!rehearsal) torch.cuda.resetPeakMemory(device);
    await part('training', () => trainFor(minutes, job, say));
    if (result.training !== undefined) await part('knn', () => testKnn(job));
    if (result.knn !== undefined)
      say(
        `kNN    ${(100 * result.knn.accuracy).toFixed(2)} % (pixels alone: ${(100 * result.knn.byPixels).toFixed(2)} %)`,
      );
  }
  await part('peakMemory', () => ({
    gpu: rehearsal ? null : torch.cuda.memory(device),
    process: process.resourceUsage().maxRSS * 1024,
  }));
}
const wrong = (result.comparisons ?? []).filter((line) => !line.passed);
result.passed = result.failures.length === 0 && wrong.length === 0;
write();
say(
  `${result.passed ? 'PASSED' : `FAILED (${wrong.length} comparisons, ${result.failures.length} parts)`}, see ${flags.out}`,
);
process.exitCode = result.passed ? 0 : 1;
