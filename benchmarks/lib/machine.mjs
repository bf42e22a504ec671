/** @file What the numbers were measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import * as torch from '../../packages/torch/dist/src/index.js';
import { python } from './python.mjs';

const VERSIONS = `
import json, sys, torch, torchvision, PIL, numpy
print(json.dumps({"Python": sys.version.split()[0], "torch": torch.__version__, "torchvision": torchvision.__version__,
                  "Pillow": PIL.__version__, "numpy": numpy.__version__}))`;

let theirs;

/**
 * At this moment: benchmarks ask again after each row, and the versions stay what they were.
 *
 * @param {{ peers?: boolean }} options whether Python's packages are a side of the comparison
 */
export async function machine({ peers = true } = {}) {
  await torch.load();
  const { version, cpuCapability } = torch.buildInfo();
  if (peers) theirs ??= JSON.parse(execFileSync(await python(), ['-c', VERSIONS], { encoding: 'utf8' }));
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown processor'} (${[cpuCapability, ...bfloat16()].join(', ')})`,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0].toFixed(1),
    versions: { Node: process.version.slice(1), libtorch: version, ...theirs },
  };
}

/** The instructions for bfloat16, on which its speed depends most. */
function bfloat16() {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? [];
    return ['avx512_bf16', 'amx_bf16'].filter((name) => flags.includes(name));
  } catch {
    return []; // not Linux
  }
}
