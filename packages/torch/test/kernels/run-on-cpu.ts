/** @file Compiles the source of a kernel with a C++ compiler and runs it on tensors of the CPU. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const header = fileURLToPath(new URL('cuda-on-cpu.h', import.meta.url)).replace('/dist/test/', '/test/');

/**
 * @param source of the kernels @param body C++ that calls `onCpu::run`; buffer NAME is there as `char* NAME`
 * @param buffers bytes by name, which the body may change
 * @returns the buffers afterwards
 */
export function runOnCpu(
  source: string,
  body: string,
  buffers: Record<string, Uint8Array>,
  defines: readonly string[] = [],
): Record<string, Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'twoview-kernel-'));
  try {
    const names = Object.keys(buffers);
    const file = (name: string) => join(folder, `${name}.bin`);
    const main = [
      ...defines.map((name) => `#define ${name}`),
      `#include "${header}"`,
      source,
      'int main(int, char** paths) {',
      ...names.map(
        (name, i) => `  auto ${name}Bytes = onCpu::read(paths[${i + 1}]); char* ${name} = ${name}Bytes.data();`,
      ),
      body,
      ...names.map((name, i) => `  onCpu::write(paths[${i + 1}], ${name}, ${name}Bytes.size());`),
      '}',
    ];
    writeFileSync(join(folder, 'main.cc'), main.join('\n'));
    const compiler = process.env.CXX ?? 'c++';
    const flags = ['-std=c++20', '-O1', '-ffp-contract=off', '-pthread', '-w'];
    execFileSync(compiler, [...flags, join(folder, 'main.cc'), '-o', join(folder, 'main')]);
    for (const name of names) writeFileSync(file(name), buffers[name]!);
    execFileSync(join(folder, 'main'), names.map(file));
    return Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(file(name)))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
