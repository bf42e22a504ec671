import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { cachedTorch, findLibtorch } from '../src/engine/find.js';
import { doctorReport, formatDoctor, withLock } from '../src/engine/index.js';
import { TORCH_VERSION, wheelSet } from '../src/engine/wheels.js';
import { makeZip } from './make-zip.js';

const zip = (files: Record<string, Buffer>) => makeZip(Object.entries(files).map(([name, data]) => ({ name, data })));

const quiet = { line: () => {}, progress: () => {} };
const child = fileURLToPath(new URL('../dist/test/children/install.js', import.meta.url));

/** The parts of an official archive that the engine looks at; nobody loads it here. */
const ARCHIVE = zip({
  'libtorch/build-version': Buffer.from(`${TORCH_VERSION}+cpu\n`),
  'libtorch/lib/libtorch_cpu.so': Buffer.alloc(100_000, 'library'),
  'libtorch/include/ATen/ATen.h': Buffer.from('// header\n'),
  'libtorch/share/big-and-unwanted': Buffer.from('x'),
});
const SHA256 = createHash('sha256').update(ARCHIVE).digest('hex');

let root: string;
let server: Server;
let answer: (path: string, response: ServerResponse) => void;
let requests: string[];
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url!);
    answer(request.url!, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'twoview-engine-'));
  requests = [];
  answer = (_, response) => response.end(ARCHIVE);
  vi.stubEnv('TWOVIEW_CACHE', join(root, 'cache'));
  vi.stubEnv('TWOVIEW_LIBTORCH', '');
  vi.stubEnv('TWOVIEW_LIBTORCH_URL', `${origin()}/libtorch.zip`);
  vi.stubEnv('TWOVIEW_LIBTORCH_SHA256', SHA256);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** A python3 before all others on the PATH: it answers what the shell script says. */
function python3(script: string): void {
  const folder = join(root, 'bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'python3'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'python3'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
}
const WITHOUT_PIP = '[ "$1" = -c ] && echo "" && exit 0; exit 1';

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}
function install(): ChildProcess & { ended: Promise<Outcome> } {
  const process_ = spawn(process.execPath, [child], { env: process.env });
  const out = { stdout: '', stderr: '' };
  process_.stdout.on('data', (text) => {
    out.stdout += text;
  });
  process_.stderr.on('data', (text) => {
    out.stderr += text;
  });
  const ended = new Promise<Outcome>((resolve) => process_.on('close', (status) => resolve({ status, ...out })));
  return Object.assign(process_, { ended });
}

/** A folder that looks like a libtorch of this version. */
function libtorch(version: string, parts = ['lib', 'include']): string {
  const folder = join(root, `torch-${version}`);
  for (const part of parts) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'version.py'), `__version__ = '${version}'\n`);
  return folder;
}

describe('finding libtorch', () => {
  test.each(['2.9.1', '2.10.0+cpu', '2.11.0+cu130', '2.15.0+cu132'])(
    'TWOVIEW_LIBTORCH with %s is taken',
    async (version) => {
      const folder = libtorch(version);
      vi.stubEnv('TWOVIEW_LIBTORCH', folder);
      expect((await findLibtorch()).found).toEqual({ source: 'TWOVIEW_LIBTORCH', root: folder, version });
    },
  );
  test.each(['2.8.0', '2.16.0', '1.13.1', '3.0.0', '2.110.0'])(
    'TWOVIEW_LIBTORCH with %s is refused',
    async (version) => {
      vi.stubEnv('TWOVIEW_LIBTORCH', libtorch(version));
      await expect(findLibtorch()).rejects.toMatchObject({
        code: 'ENGINE_PATH',
        message: expect.stringContaining(`libtorch ${version} is not supported`),
      });
    },
  );
  test('TWOVIEW_LIBTORCH with nothing behind it, or only half of it, is refused and not passed over', async () => {
    for (const path of [join(root, 'nowhere'), libtorch('2.11.0', ['lib'])]) {
      vi.stubEnv('TWOVIEW_LIBTORCH', path);
      await expect(findLibtorch()).rejects.toMatchObject({
        code: 'ENGINE_PATH',
        message: expect.stringContaining(path),
      });
    }
  });
  test("the torch of python3 comes before the cache's; an unsupported one is passed over with a note", async () => {
    python3(`echo ${join(libtorch('2.10.0'), '__init__.py')}`);
    expect((await findLibtorch()).found).toMatchObject({ source: 'python3', version: '2.10.0' });
    python3(`echo ${join(libtorch('2.4.0'), '__init__.py')}`);
    const { found, notes } = await findLibtorch();
    expect(found).toBeNull();
    expect(notes[0]).toContain('python3 has torch 2.4.0, which is not supported');
  });
  test('a python3 without torch, or none that works', async () => {
    python3('echo ""');
    expect((await findLibtorch()).notes[0]).toBe('python3 has no torch');
    python3('exit 3');
    expect((await findLibtorch()).notes[0]).toBe('there is no working python3 on the PATH');
  });
});

// Each starts processes, pip among them, which take seconds on a busy machine.
describe.skipIf(wheelSet() === null)('installing into an empty cache', { timeout: 120_000 }, () => {
  const ready = () => ({ source: 'cache', root: join(cachedTorch(), 'torch'), version: `${TORCH_VERSION}+cpu` });

  test('without pip the official archive is unpacked, what is wanted of it', async () => {
    python3(WITHOUT_PIP);
    const { status, stdout } = await install().ended;
    expect([status, JSON.parse(stdout)]).toEqual([0, ready()]);
    expect(readdirSync(join(cachedTorch(), 'torch')).sort()).toEqual(['build-version', 'include', 'lib']);
    expect(readdirSync(join(cachedTorch(), '..'))).toEqual([cachedTorch().split('/').at(-1)]);
  });

  test('two processes at once install once; the other waits and finds it done', async () => {
    python3(WITHOUT_PIP);
    answer = (_, response) => void setTimeout(() => response.end(ARCHIVE), 700);
    const both = await Promise.all([install().ended, install().ended]);
    expect(both.map(({ status, stdout }) => [status, JSON.parse(stdout)])).toEqual([
      [0, ready()],
      [0, ready()],
    ]);
    expect(requests.length).toBe(1);
    expect(both.filter(({ stderr }) => stderr.includes('another process is at work')).length).toBe(1);
  });

  test('an install that was killed half way is never used, and done again', async () => {
    python3(WITHOUT_PIP);
    const begun = new Promise<void>((resolve) => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-length': ARCHIVE.length });
        response.write(ARCHIVE.subarray(0, 500), () => setTimeout(resolve, 100));
      };
    });
    const first = install();
    await begun;
    first.kill('SIGKILL');
    await first.ended;
    expect(existsSync(cachedTorch())).toBe(false);
    expect(readdirSync(join(cachedTorch(), '..')).some((name) => name.includes('.partial-'))).toBe(true);
    expect((await findLibtorch()).found).toBeNull();
    // The lock of a dead process is taken over when it is 20 s old; it is made old here instead of waited for.
    utimesSync(`${join(cachedTorch(), '..')}.lock`, 0, 0);
    answer = (_, response) => response.end(ARCHIVE);
    const { status, stdout } = await install().ended;
    expect([status, JSON.parse(stdout)]).toEqual([0, ready()]);
    expect(readdirSync(join(cachedTorch(), '..'))).toHaveLength(1); // and nothing of the first is left
  });

  test.each<[string, (response: ServerResponse) => unknown, string]>([
    ['another file', (response) => response.end(Buffer.concat([ARCHIVE, Buffer.of(1)])), 'DOWNLOAD_CHECKSUM'],
    ['no such archive', (response) => response.writeHead(404).end(), 'DOWNLOAD'],
  ])('%s leaves the cache empty', async (_, reply, code) => {
    python3(WITHOUT_PIP);
    answer = (_path, response) => void reply(response);
    expect(await install().ended).toMatchObject({ status: 1, stdout: `${code}\n` });
    expect(readdirSync(join(cachedTorch(), '..'))).toEqual([]);
  });

  test("pip's own check refuses a wheel that is not the pinned one", async () => {
    const wheel = `torch-${TORCH_VERSION}-cp312-cp312-${wheelSet()!.platforms[0]}.whl`;
    const wrong = zip({
      'torch/version.py': Buffer.from("__version__ = '2.11.0'"),
      [`torch-${TORCH_VERSION}.dist-info/METADATA`]: Buffer.from(
        `Metadata-Version: 2.1\nName: torch\nVersion: ${TORCH_VERSION}\n`,
      ),
    });
    answer = (path, response) => {
      if (path.endsWith('.whl')) return void response.end(wrong);
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="/${wheel}">${wheel}</a>`);
    };
    vi.stubEnv('PIP_INDEX_URL', `${origin()}/simple`);
    vi.stubEnv('PIP_CONFIG_FILE', '/dev/null');
    const { status, stdout, stderr } = await install().ended;
    expect([status, stdout], stderr).toEqual([1, 'ENGINE_CHECKSUM\n']);
    expect(readdirSync(join(cachedTorch(), '..'))).toEqual([]);
  });

  test('without a network pip fails, with the ways out', async () => {
    vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple');
    vi.stubEnv('PIP_RETRIES', '0');
    vi.stubEnv('PIP_CONFIG_FILE', '/dev/null');
    expect(await install().ended).toMatchObject({ status: 1, stdout: 'ENGINE_DOWNLOAD\n' });
    expect(readdirSync(join(cachedTorch(), '..'))).toEqual([]);
  });
});

test('a lock admits one at a time, and is free after a throw', async () => {
  const folder = join(root, 'locked');
  const order: string[] = [];
  const piece = (name: string) =>
    withLock(folder, quiet, async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push(`${name} out`);
    });
  await Promise.all([piece('a'), piece('b')]);
  expect(order.map((step) => step.split(' ')[1])).toEqual(['in', 'out', 'in', 'out']);
  await expect(withLock(folder, quiet, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(await withLock(folder, quiet, async () => 7)).toBe(7);
});

test('a python3 is asked once, and again when its folders have changed', async () => {
  const asked = join(root, 'asked');
  const site = join(root, 'site');
  mkdirSync(site);
  const answer = (found: string) => `echo x >> ${asked}; echo ${found}; echo '["${site}"]'`;
  python3(answer('""'));
  for (let i = 0; i < 3; i++) expect((await findLibtorch()).notes[0]).toBe('python3 has no torch');
  expect(readFileSync(asked, 'utf8')).toBe('x\n');
  mkdirSync(join(site, 'torch'));
  await findLibtorch();
  expect(readFileSync(asked, 'utf8')).toBe('x\nx\n');
});

describe('doctor', () => {
  test('says what is missing and what to do about it', async () => {
    python3('exit 1');
    vi.stubEnv('CXX', 'no-such-compiler');
    const report = await doctorReport();
    expect(report).toMatchObject({ node: process.version, python: null, pip: null, compiler: null, libtorch: null });
    expect(report.cache).toEqual({ folder: join(root, 'cache'), freeBytes: null });
    const text = formatDoctor(report);
    expect(text).toMatch(/^compiler +not found$/m);
    expect(text).toMatch(/^to do +install a C\+\+ compiler/m);
    expect(text).toMatch(/^to do +install python3 with pip/m);
    expect(text).toMatch(/^to do +npx @twoview\/torch install/m);
    expect(text).toMatch(/^cache +.*\(not made yet\)$/m);
  });
  test('says what was found where all is well', async () => {
    python3(
      `case "$1" in --version) echo "Python 3.12.1";; -m) echo "pip 25.0";; *) echo ${join(libtorch('2.10.0'), '__init__.py')};; esac`,
    );
    vi.stubEnv('CXX', process.execPath); // anything that answers --version
    const text = formatDoctor(await doctorReport());
    expect(text).toMatch(/^libtorch +2\.10\.0 from python3, /m);
    expect(text).toMatch(/^python +Python 3\.12\.1$/m);
    expect(text).toMatch(/^pip +pip 25\.0$/m);
    expect(text).toMatch(/^memory +[\d.]+ GiB$/m);
    expect(text).toMatch(/^addon +not compiled yet$/m);
    expect(text).toMatch(/^to do +npx @twoview\/torch install {2}compiles the addon/m);
  });
  test('a wrong TWOVIEW_LIBTORCH becomes a note', async () => {
    vi.stubEnv('TWOVIEW_LIBTORCH', join(root, 'nowhere'));
    expect(formatDoctor(await doctorReport())).toContain('this is no libtorch');
  });
});
