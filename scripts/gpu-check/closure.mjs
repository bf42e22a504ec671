/** @file Which files the check needs: what its modules import, followed through; of npm packages, all that can run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const IMPORTS = /(?:^|[\s;}])(?:import|export)\s*(?:[\w*{}\s,$]*?\s*from\s*)?['"]([^'"]+)['"]/g;
/** Only run by who develops the package. */
const IDLE =
  /(\.d\.[cm]?ts|\.map|\.md|\.[cm]?ts|\.markdown)$|(^|\/)(test|tests|docs|example|examples|benchmark|\.github)\//;

/**
 * @param entries files of the repository, from its root
 * @returns files to carry, from the root; npm packages that are only imported on demand are left out
 */
export function closure(root, entries, extraPackages) {
  const files = new Set();
  const packages = new Set(); // folders
  const waiting = entries.map((entry) => resolve(root, entry));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(IMPORTS)) {
      if (name.startsWith('.')) waiting.push(resolve(dirname(file), name));
      else if (name.startsWith('@twoview/torch')) waiting.push(join(root, torchEntry(root, name)));
      else if (!name.startsWith('node:')) packages.add(folderOf(root, dirname(file), packageOf(name)));
    }
  }
  const extra = extraPackages.map((name) => folderOf(root, root, name));
  for (const folder of [...packages, ...extra]) addPackage(root, folder, files, new Set());
  return [...files].map((file) => relative(root, file)).sort();
}

const packageOf = (name) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

function torchEntry(root, name) {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/torch/package.json'), 'utf8'));
  return join('packages/torch', exports[name.replace('@twoview/torch', '.')].default);
}

/** Where Node finds a package, seen from a folder: two workspaces may have different versions of one. Null where it is not there. */
function folderOf(root, from, name) {
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return from === root ? null : folderOf(root, dirname(from), name);
}

function addPackage(root, folder, files, seen) {
  if (folder === null || seen.has(folder)) return;
  seen.add(folder);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !IDLE.test(relative(folder, file))) files.add(file);
  }
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) addPackage(root, folderOf(root, folder, name), files, seen);
}
