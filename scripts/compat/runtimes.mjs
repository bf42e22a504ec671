/**
 * @file The runtimes of `npm run compat`, as packages of npm that hold the binary of this platform alone: the packages `node`, `bun` and
 * `deno` fetch these by scripts at installation.
 */
const { platform, arch } = process;
const bun = `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`;
const deno = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`;

const node = (version) => ({
  name: 'Node',
  spec: `node-${platform}-${arch}@${version}`,
  file: `node-${platform}-${arch}/bin/node`,
  args: [],
});

export const RUNTIMES = [
  node('20.19.0'),
  node('22'),
  node('24'),
  node('latest'),
  { name: 'Bun', spec: bun, file: `${bun}/bin/bun`, args: [] },
  { name: 'Deno', spec: deno, file: `${deno}/deno`, args: ['run', '--allow-all'] },
];
