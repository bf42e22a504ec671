#!/usr/bin/env node
/**
 * @file The state of a training in files that come home: first the upper half of every weight's bits (bfloat16), then the lower half,
 * then the momentum in bfloat16. Each is taken apart into planes of bytes, of which the exponents compress well. The first
 * section alone goes on from slightly rounded weights; all of them from the weights themselves.
 *
 *   node scripts/gpu-check/state.mjs FOLDER RUN      puts a run together, for `twoview knn RUN` and the like
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate, inflateSync } from 'node:zlib';
import { readTensors, writeTensors } from './safetensors.mjs';

/** A section is in files of the first name that follows; a group begins a file of its own. */
const GROUPS = { upper: ['upper'], rest: ['lower', 'momentum'] };
/** The small files of a run, in one. */
const TEXTS = ['config.yaml', 'environment.json', 'summary.json', 'elapsed.json', 'metrics.jsonl'];
const OPTIMIZER = 'optimizer.';
const LAST = ['checkpoints', 'last.safetensors'];

/**
 * Writes run.json, state-upper.N and state-rest.N into `out`, most important first, as long as they fit.
 *
 * @param files how many may be written, run.json included @param mebibytes a file @param total MiB of all
 * @returns { groups: { name: [[section, bytes]] }, left: sections that did not fit }
 */
export async function save({ run, out, files, mebibytes, total }, report = () => {}) {
  const limit = mebibytes * 2 ** 20;
  const texts = TEXTS.filter((name) => existsSync(join(run, name))).map((name) => [
    name,
    readFileSync(join(run, name), 'utf8'),
  ]);
  const { metadata, tensors } = readTensors(join(run, ...LAST));
  const entries = Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const result = { groups: {}, left: [] };
  const tell = () => {
    const about = { metadata, tensors: entries, groups: result.groups, texts: Object.fromEntries(texts) };
    writeFileSync(join(out, 'run.json'), JSON.stringify(about));
    report(result);
  };
  tell();
  let [room, space] = [files - 1, total * 2 ** 20];
  for (const [group, sections] of Object.entries(GROUPS)) {
    const packed = await Promise.all(sections.map(async (section) => [section, await pack(section, tensors)]));
    const bytes = () => packed.reduce((sum, [, one]) => sum + one.length, 0);
    while (packed.length > 0 && (Math.ceil(bytes() / limit) > room || bytes() > space))
      result.left.push(packed.pop()[0]);
    const whole = Buffer.concat(packed.map(([, one]) => one));
    for (let i = 0; i * limit < whole.length; i++, room--) {
      writeFileSync(join(out, `state-${group}.${i}`), whole.subarray(i * limit, (i + 1) * limit));
    }
    space -= whole.length;
    result.groups[group] = packed.map(([section, one]) => [section, one.length]);
    tell();
  }
  return result;
}

/** The tensors of a section, and which bytes of each element. */
const chosen = (section, { name, dtype }) => {
  if (dtype !== 'F32') return section === 'upper' ? 'all' : null;
  if (name.startsWith(OPTIMIZER)) return section === 'momentum' ? [3, 2] : null;
  return { upper: [3, 2], lower: [1, 0], momentum: null }[section];
};

/** [length of each plane, planes]: the first planes of all tensors, then the second ones, then tensors of other types. */
async function pack(section, tensors) {
  const planes = [[], [], []];
  for (const [name, { dtype, bytes }] of Object.entries(tensors)) {
    const places = chosen(section, { name, dtype });
    if (places === 'all') planes[2].push(bytes);
    else for (const [i, place] of places?.entries() ?? []) planes[i].push(every4(bytes, place));
  }
  const packed = await Promise.all(planes.map((plane) => promisify(deflate)(Buffer.concat(plane), { level: 6 })));
  const lengths = Buffer.alloc(12);
  for (const [i, { length }] of packed.entries()) lengths.writeUInt32LE(length, 4 * i);
  return Buffer.concat([lengths, ...packed]);
}

function every4(bytes, place) {
  const plane = Buffer.allocUnsafe(bytes.length / 4);
  for (let i = 0; i < plane.length; i++) plane[i] = bytes[4 * i + place];
  return plane;
}

/** Makes a run folder of what there is. @returns { step, sections } @throws Error where there is no upper half */
export function restore(folder, run) {
  const { metadata, tensors: entries, groups, texts } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  const sizes = { F32: 4, I64: 8, F64: 8 };
  const tensors = Object.fromEntries(
    entries.map(({ name, dtype, shape }) => {
      const bytes = Buffer.alloc(shape.reduce((a, b) => a * b, 1) * sizes[dtype]);
      return [name, { dtype, shape, bytes }];
    }),
  );
  const restored = [];
  for (const [group, sections] of Object.entries(groups)) {
    const files = readdirSync(folder).filter((name) => name.startsWith(`state-${group}.`));
    const whole = Buffer.concat(files.map((_, i) => readFileSync(join(folder, `state-${group}.${i}`))));
    let at = 0;
    for (const [section, length] of sections) {
      if (at + length > whole.length) break; // a later file was left behind
      unpack(section, whole.subarray(at, at + length), tensors);
      at += length;
      restored.push(section);
    }
  }
  if (restored[0] !== 'upper') throw new Error(`${folder} lacks a file state-upper.N: nothing to go on from`);
  mkdirSync(join(run, 'checkpoints'), { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(run, name), text);
  writeTensors(join(run, ...LAST), { metadata, tensors });
  return { step: Number(metadata.step), sections: restored };
}

function unpack(section, packed, tensors) {
  let at = 12;
  const planes = [0, 1, 2].map((i) => {
    const length = packed.readUInt32LE(4 * i);
    at += length;
    return inflateSync(packed.subarray(at - length, at));
  });
  const used = [0, 0, 0];
  for (const [name, { dtype, bytes }] of Object.entries(tensors)) {
    const places = chosen(section, { name, dtype });
    if (places === 'all') {
      planes[2].copy(bytes, 0, used[2], used[2] + bytes.length);
      used[2] += bytes.length;
    } else {
      for (const [i, place] of places?.entries() ?? []) {
        for (let j = 0; j < bytes.length / 4; j++) bytes[4 * j + place] = planes[i][used[i] + j];
        used[i] += bytes.length / 4;
      }
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const [folder, run] = process.argv.slice(2);
  if (run === undefined) throw new Error('node state.mjs FOLDER RUN');
  console.log(JSON.stringify(restore(folder, run)));
}
