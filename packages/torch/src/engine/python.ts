/**
 * @file Where the torch of the `python3` on the PATH is. Starting Python takes longer than all else at a warm start, so that it is
 * asked once, and again when its folders have changed: installing a package changes them.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot } from './paths.js';

interface Answer {
  /** The folder of torch; null where Python has none. */
  root: string | null;
  note: string;
}

interface Remembered extends Answer {
  /** What else decides. */
  asked: string;
  /** The folders in which Python looks, with their times. */
  folders: [path: string, time: number][];
}

const SCRIPT = `import importlib.util as u, json, sys
s = u.find_spec('torch')
print(s.origin if s and s.origin else '')
print(json.dumps(sys.path))`;

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Finds torch without importing it, which would take seconds. */
export async function pythonTorch(): Promise<Answer> {
  const python = onPath('python3');
  if (python === null) return { root: null, note: 'there is no working python3 on the PATH' };
  const asked = JSON.stringify([
    python,
    timeOf(python),
    process.env.PYTHONPATH,
    process.env.PYTHONHOME,
    process.env.HOME,
  ]);
  const file = join(cacheRoot(), 'python.json');
  const known = remembered(file);
  if (known?.asked === asked && known.folders.every(([path, time]) => timeOf(path) === time)) return known;
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', SCRIPT], { timeout: 20_000, cwd: dirname(python) });
    const [origin = '', path] = stdout.split('\n');
    const root = origin.trim() === '' ? null : dirname(origin.trim());
    const answer: Answer = { root, note: root === null ? 'python3 has no torch' : '' };
    const folders = (JSON.parse(path || '[]') as string[])
      .filter((folder) => folder !== '')
      .map((folder) => [folder, timeOf(folder)] as [string, number]);
    remember(file, { ...answer, asked, folders });
    return answer;
  } catch {
    return { root: null, note: 'there is no working python3 on the PATH' };
  }
}

function onPath(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && statSync(path, { throwIfNoEntry: false })?.isFile()) return realpathSync(path);
  }
  return null;
}

function remembered(file: string): Remembered | null {
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Remembered;
    return Array.isArray(known.folders) ? known : null;
  } catch {
    return null; // nothing yet, or nothing whole
  }
}

function remember(file: string, answer: Remembered): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const partial = `${file}.partial-${process.pid}`;
    writeFileSync(partial, JSON.stringify(answer));
    renameSync(partial, file); // workers and other processes see all of it or nothing
  } catch {} // a cache that cannot be written to costs time alone
}
