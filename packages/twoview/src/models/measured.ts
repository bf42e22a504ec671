/** @file What was measured on this machine once, kept in the cache: a choice must not change from one run to the next. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import * as torch from '@twoview/torch';
import { atomicWrite, writeAll } from '@twoview/torch';
import { cacheRoot } from '@twoview/torch/engine';

const file = () => join(cacheRoot(), 'measured.json');

function readAll(): Record<string, unknown> {
  if (!existsSync(file())) return {};
  try {
    return JSON.parse(readFileSync(file(), 'utf8'));
  } catch {
    return {}; // a cache that cannot be read is measured anew
  }
}

/** Raised when the code that is measured becomes faster or slower, or is judged otherwise: what older versions found out is then measured anew. */
const KERNELS = 5;

/** @param what a name that holds everything the outcome depends on, apart from the machine */
export function measuredOnce<T>(what: string, measure: () => T): T {
  const machine = [cpus()[0]?.model, `${torch.getNumThreads()} threads`];
  const key = [what, ...machine, torch.buildInfo().version, `kernels ${KERNELS}`].join(' | ');
  const known = readAll()[key];
  if (known !== undefined) return known as T;
  const fresh = measure();
  const text = JSON.stringify({ ...readAll(), [key]: fresh }, null, 2);
  atomicWrite(file(), (handle) => writeAll(handle, Buffer.from(text)));
  return fresh;
}
