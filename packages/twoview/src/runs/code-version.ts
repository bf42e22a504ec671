/** @file Which code computed a result: the version of the package, and a hash of the files that ran. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | null = null;

/** `0.1.0+` and ten hexadecimal digits: of our own files, those of @twoview/torch, and its C++. */
export function codeVersion(): string {
  known ??= `${packageVersion()}+${hashOfFiles()}`;
  return known;
}

const own = fileURLToPath(new URL('..', import.meta.url)); // src, or dist/src

function packageVersion(): string {
  for (let at = own; dirname(at) !== at; at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')).version;
  }
  return 'unknown';
}

function hashOfFiles(): string {
  const torch = dirname(createRequire(import.meta.url).resolve('@twoview/torch')); // dist/src
  const hash = createHash('sha256');
  for (const folder of [own, torch, join(torch, '..', '..', 'native')]) {
    if (!existsSync(folder)) continue;
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(\.(js|cc|h)|(?<!\.d)\.ts)$/.test(name),
    );
    for (const name of names.sort()) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 10);
}
