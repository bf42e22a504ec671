/** @file Compiles the source of a kernel with a C++ compiler, to run it on bytes of the CPU. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const header = fileURLToPath(new URL('cuda-on-cpu.h', import.meta.url)).replace('/dist/test/', '/test/');

type Buffers = Record<string, Uint8Array>;

export interface Program extends Disposable {
  /** @returns the buffers as the kernels left them */
  run(buffers: Buffers): Buffers;
}

/**
 * @param source of the kernels @param body C++ that calls `onCpu::run` @param names of the buffers: each is a `char*` in the body
 * @param defines names that are defined before the source
 */
export function compileForCpu(
  source: string,
  body: string,
  names: readonly string[],
  defines: readonly string[] = [],
): Program {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-kernel-'));
  const program = join(folder, 'main');
  const main = [
    ...defines.map((name) => `#define ${name}`),
    `#include "${header}"`,
    source,
    'int main(int, char** paths) {',
    ...names.map((name, i) => `auto ${name}Bytes = onCpu::read(paths[${i + 1}]); char* ${name} = ${name}Bytes.data();`),
    body,
    ...names.map((name, i) => `onCpu::write(paths[${i + 1}], ${name}, ${name}Bytes.size());`),
    '}',
  ];
  writeFileSync(`${program}.cc`, main.join('\n'));
  const flags = ['-std=c++20', '-O1', '-ffp-contract=off', '-pthread', '-w'];
  execFileSync(process.env.CXX ?? 'c++', [...flags, `${program}.cc`, '-o', program]);
  const file = (name: string) => join(folder, `${name}.bin`);
  return {
    run(buffers) {
      for (const name of names) writeFileSync(file(name), buffers[name]!);
      execFileSync(program, names.map(file));
      return Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(file(name)))]));
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
