/**
 * @file The tarballs of `npm run pack`, installed into an empty folder on a PATH without a compiler. Dependencies come from npm; libtorch
 * is the one that is in the cache already, through a link, so that a test does not download it again.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from '@twoview/torch/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classFolders, temporaryFolder } from './pictures.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const root = temporaryFolder();
const [packages, bin, app, cache] = ['packages', 'bin', 'app', 'cache'].map((name) => join(root, name)) as [
  string,
  string,
  string,
  string,
];
const platform = `@twoview/torch-${process.platform}-${process.arch}`;
const TOOLS = ['node', 'npm', 'npx', 'sh', 'tar', 'gzip', 'uname', 'env', 'ldd', 'getconf'];
const env = {
  PATH: bin,
  HOME: root,
  TWOVIEW_CACHE: cache,
  TWOVIEW_DATA: join(root, 'data'),
  OMP_WAIT_POLICY: 'passive',
};

const found = (name: string): string | undefined =>
  process.env
    .PATH!.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(bin, command), args, { cwd: app, env, encoding: 'utf8' });
  return { status, stdout, stderr, said: `${stdout}\n${stderr}` };
}
const manifest = (name: string) => JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8'));

function install(names: readonly string[], ...flags: string[]): void {
  const tarballs = names.map((name) => join(packages, name));
  const { status, said } = run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...flags, ...tarballs);
  expect(status, said).toBe(0);
}

beforeAll(() => {
  for (const folder of [bin, app, cache]) mkdirSync(folder);
  for (const name of TOOLS) {
    const path = name === 'node' ? process.execPath : found(name);
    if (path !== undefined) symlinkSync(realpathSync(path), join(bin, name));
  }
  // Without site-packages, so that no torch of this machine is taken, which the prebuilt addon might not fit.
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  writeFileSync(join(bin, 'python3'), `#!${join(bin, 'sh')}\nexec ${python} -S "$@"\n`, { mode: 0o755 });
  symlinkSync(join(cacheRoot(), 'engine'), join(cache, 'engine'));
  const pack = ['scripts/pack.mjs', '--out', packages, '--repository', 'https://example.com/twoview.git'];
  execFileSync(process.execPath, pack, { cwd: repository, stdio: 'inherit' });
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  install(readdirSync(packages).filter((name) => !name.includes('studio')));
}, 1_200_000); // it may have to compile the addon
afterAll(() => rmSync(root, { recursive: true }));

test('tarballs, each with a licence, a repository and keywords, and none with a map of sources that it lacks', () => {
  expect(readdirSync(packages)).toHaveLength(4); // the fourth is the studio's
  for (const name of ['@twoview/torch', 'twoview', platform]) {
    const { license, repository, keywords } = manifest(name);
    expect([license, repository.url, keywords.length > 3]).toEqual([
      'Apache-2.0',
      'https://example.com/twoview.git',
      true,
    ]);
    const files = readdirSync(join(app, 'node_modules', name), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('LICENSE');
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
    const named = files.filter((file) => /\.js$/.test(file) && !file.includes('node_modules'));
    const text = named.map((file) => readFileSync(join(app, 'node_modules', name, file), 'utf8')).join('\n');
    expect(text).not.toMatch(/^\/\/# sourceMappingURL=/m);
  }
  expect(manifest('@twoview/torch').optionalDependencies).toEqual({ [platform]: manifest(platform).version });
  expect(manifest(platform)).toMatchObject({ os: [process.platform], cpu: [process.arch] });
});

test('nothing on the PATH compiles', () => {
  for (const name of ['c++', 'g++', 'clang++', 'cc', 'gcc', 'clang', 'make'])
    expect(existsSync(join(bin, name))).toBe(false);
});

test('doctor asks for nothing: the prebuilt addon needs no compiler', () => {
  for (const command of [
    ['twoview', 'doctor'],
    ['@twoview/torch', 'doctor'],
  ]) {
    const { status, stdout, said } = run('npx', '--no-install', ...command);
    expect(status, said).toBe(0);
    expect(stdout).toMatch(/^compiler +not found$/m);
    expect(stdout).toMatch(new RegExp(`^addon +.*/node_modules/${platform}/`, 'm'));
    expect(stdout).toMatch(/^to do +nothing: all is ready$/m);
  }
});

test('the ten lines of the README run', () => {
  const readme = readFileSync(join(app, 'node_modules/@twoview/torch/README.md'), 'utf8');
  writeFileSync(join(app, 'ten-lines.js'), /```ts\n(.*?)```/s.exec(readme)![1]!); // plain JavaScript: they name no types
  const { status, stdout, said } = run('node', 'ten-lines.js');
  expect(status, said).toBe(0);
  expect(stdout).toMatch(/^step 0 {2}loss [\d.]+\nstep 100 {2}loss [\d.]+\nstep 200 {2}loss [\d.]+\n$/);
});

test('npx @twoview/torch install finds all done', () => {
  expect(run('npx', '--no-install', '@twoview/torch', 'install').stdout).toMatch(
    /^engine ready: libtorch \S+ from cache\n$/,
  );
});

test('a pre-training ends with a result', () => {
  const size = ['--limit', '256', '--epochs', '1', '--batch-size', '64', '--threads', '1', '--precision', 'float32'];
  const args = ['pretrain', '--data', 'shapes', '--model', 'resnet10_narrow', ...size, '--out', 'run'];
  const { status, said } = run('npx', '--no-install', 'twoview', ...args);
  expect(status, said).toBe(0);
  expect(JSON.parse(readFileSync(join(app, 'run/summary.json'), 'utf8'))).toMatchObject({
    kind: 'pretrain',
    result: { epochs: 1, steps: 4 },
  });
});

test('the studio, installed beside it, serves its page and images', async () => {
  install(
    readdirSync(packages).filter((name) => name.includes('studio')),
    '--ignore-scripts',
  );
  // Its script would download or compile this, which is there already.
  const built = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';
  cpSync(join(repository, built), join(app, built));
  const files = readdirSync(join(app, 'node_modules/@twoview/studio'), { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/web/index.html']));
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
  await classFolders(join(app, 'photos'), ['a', 'b'], 2);
  const args = ['--no-install', 'twoview', 'studio', 'photos', '--no-open', '--port', '0'];
  const studio = spawn(join(bin, 'npx'), args, { cwd: app, env, detached: true });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      const hear = (text: Buffer) => {
        said += text;
        const found = /http:\S+/.exec(said)?.[0];
        if (found !== undefined) resolve(found);
      };
      studio.stdout.on('data', hear);
      studio.stderr.on('data', hear);
      studio.on('exit', () => reject(new Error(said)));
    });
    const signedIn = await fetch(address, { redirect: 'manual' });
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    const get = (path: string) => fetch(new URL(path, address), { headers: { cookie } });
    expect(await (await get('/')).text()).toContain('<script');
    await expect.poll(async () => (await (await get('/api/state')).json()).images, { timeout: 60_000 }).toBe(4);
    expect((await get('/thumb/0')).headers.get('content-type')).toBe('image/webp');
  } finally {
    process.kill(-studio.pid!, 'SIGINT');
    await new Promise((resolve) => studio.once('close', resolve));
  }
}, 240_000);

test('the addon in the cache is the prebuilt one, and the only one', () => {
  const [folder, ...others] = readdirSync(join(cache, 'addon'));
  expect(others).toEqual([]);
  const used = readFileSync(join(cache, 'addon', folder!, 'twoview-torch.node'));
  expect(used.equals(readFileSync(join(app, 'node_modules', platform, 'twoview-torch.node')))).toBe(true);
});

test('without the package of the platform, the error says that there is no compiler', () => {
  rmSync(join(app, 'node_modules', platform), { recursive: true });
  rmSync(join(cache, 'addon'), { recursive: true });
  const { status, stderr } = run('node', 'ten-lines.js');
  expect(status).toBe(1);
  expect(stderr).toContain(`${platform} is not installed; compiling the addon`);
  expect(stderr).toContain('there is no C++ compiler on the PATH');
});
