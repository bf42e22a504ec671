/** @file The addon as it was compiled for a release: an optional package of this platform, which npm installs beside this one. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ADDON_FILE } from './place.js';

/** addon.json of such a package, which `npm run pack` writes. */
export interface PrebuiltInfo {
  /** What the addon was made of: sources, flags, version of libtorch. */
  key: string;
  /** The version of libtorch, for people. */
  torch: string;
}

export const prebuiltPackage = (): string => `@twoview/torch-${process.platform}-${process.arch}`;

/** @param key what the addon must be made of @returns its path, or null and why */
export function prebuiltAddon(key: string): { path: string | null; note: string } {
  const name = prebuiltPackage();
  let file: string;
  try {
    file = createRequire(import.meta.url).resolve(`${name}/addon.json`);
  } catch {
    return { path: null, note: `${name} is not installed` };
  }
  const info = JSON.parse(readFileSync(file, 'utf8')) as PrebuiltInfo;
  if (info.key === key) return { path: join(dirname(file), ADDON_FILE), note: `from ${name}` };
  return { path: null, note: `the addon of ${name} is for libtorch ${info.torch} and the sources of its own version` };
}

/** Tries it in a process of its own. @returns null, or what the system's loader said */
export async function loadsHere(addon: string): Promise<string | null> {
  const script = 'process.dlopen({ exports: {} }, process.argv[1])';
  try {
    await promisify(execFile)(process.execPath, ['-e', script, addon], { timeout: 120_000 });
    return null;
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr || error);
    return /^.*Error: (.*)$/m.exec(said)?.[1] ?? said.slice(0, 200);
  }
}
