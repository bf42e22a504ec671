#!/usr/bin/env node
/**
 * @file Tarballs to publish: @twoview/torch, twoview, @twoview/studio, and the compiled addon for the machine that this runs on, as a package of its
 * platform. What an addon was compiled with is part of it, so run this in the oldest system that is to be served.
 *
 *     npm run pack -- [--out dist-packages] [--repository URL] [--platforms linux-x64,linux-arm64,darwin-arm64]
 *
 * --platforms names all for which this version is published; those of other machines are packed there. The repository is that of the
 * git remote `origin` unless it is named.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAddon } from '../packages/torch/dist/src/engine/build.js';
import { installLibtorch } from '../packages/torch/dist/src/engine/install.js';
import { stderrLog } from '../packages/torch/dist/src/engine/log.js';
import { ADDON_FILE, addonPlace } from '../packages/torch/dist/src/engine/place.js';
import { prebuiltPackage } from '../packages/torch/dist/src/engine/prebuilt.js';

/** Of a package, where it has them. */
const PARTS = ['bin', 'dist/src', 'dist/server/src', 'dist/web', 'native', 'LICENSE', 'README.md', 'package.json'];

const root = fileURLToPath(new URL('..', import.meta.url));
const here = `${process.platform}-${process.arch}`;
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist-packages') },
    repository: { type: 'string' },
    platforms: { type: 'string', default: here },
  },
});
const out = resolve(values.out);
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

const repository = values.repository ?? origin();
if (repository === null) {
  console.error('error: there is no git remote `origin` to name in the packages\n  next   --repository URL  names one');
  process.exit(2);
}
const platforms = values.platforms.split(',');
if (!platforms.includes(here)) {
  console.error(`error: --platforms ${values.platforms} lacks ${here}, which is packed here\n  next   add it`);
  process.exit(2);
}

const stage = mkdtempSync(join(tmpdir(), 'twoview-pack-'));
try {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const torch = readJson(join(root, 'packages/torch/package.json'));
  await platformPackage(torch);
  const optionalDependencies = Object.fromEntries(platforms.map((name) => [`@twoview/torch-${name}`, torch.version]));
  sourcePackage('torch', { optionalDependencies });
  sourcePackage('twoview', {});
  sourcePackage('studio', {});
  for (const name of readdirSync(out)) console.log(join(out, name));
} finally {
  rmSync(stage, { recursive: true });
}

/** The addon alone, with what it was made of beside it. */
async function platformPackage({ version, license, keywords, engines, publishConfig }) {
  const log = stderrLog();
  const libtorch = await installLibtorch(log);
  const addon = await buildAddon(libtorch, log);
  const folder = join(stage, here);
  mkdirSync(folder);
  const name = prebuiltPackage();
  writeJson(join(folder, 'package.json'), {
    name,
    version,
    description: `The compiled addon of @twoview/torch for ${here}; npm installs it where it fits`,
    license,
    keywords,
    repository: { type: 'git', url: repository },
    publishConfig,
    engines,
    os: [process.platform],
    cpu: [process.arch],
    ...(process.platform === 'linux' && { libc: ['glibc'] }),
  });
  writeJson(join(folder, 'addon.json'), { key: addonPlace(libtorch).key, torch: libtorch.version.split('+')[0] });
  writeFileSync(
    join(folder, 'README.md'),
    `# ${name}\n\nThe compiled addon of @twoview/torch, which loads it by itself.\n`,
  );
  cpSync(addon, join(folder, ADDON_FILE));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  pack(folder);
}

/** A package of this repository, as its `files` say, with what only a published one has. */
function sourcePackage(name, more) {
  const from = join(root, 'packages', name);
  const folder = join(stage, name);
  for (const part of PARTS)
    if (existsSync(join(from, part))) cpSync(join(from, part), join(folder, part), { recursive: true });
  const manifest = readJson(join(from, 'package.json'));
  delete manifest.devDependencies;
  writeJson(join(folder, 'package.json'), {
    ...manifest,
    repository: { type: 'git', url: repository, directory: `packages/${name}` },
    ...more,
  });
  // The maps stay at home, since the sources do.
  for (const file of readdirSync(join(folder, 'dist'), { recursive: true })) {
    const path = join(folder, 'dist', file);
    if (path.endsWith('.js'))
      writeFileSync(path, readFileSync(path, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n'));
  }
  pack(folder);
}

function pack(folder) {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', out], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function origin() {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}
