/** @file What the machine is, in the words of its own tools; a tool that is missing or slow is left out. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

const SECONDS = 15;
/** Of `nvidia-smi -q`: the rest is in the log. */
const TOLD =
  /Driver Version|CUDA Version|Product Name|Architecture|Persistence|MIG Mode|Compute Mode|Total +:|Link Width|PCIe Generation|Current Power Limit|Clocks|Graphics +:|SM +:|Memory +:|GPU Current Temp|Virtualization Mode|BAR1|GSP|ECC Mode/;

const PYTHON = `import importlib.metadata as m, sys
print(sys.version.split()[0], sys.executable)
for n in ("torch", "torchvision", "pillow", "numpy", "timm", "triton", "nvidia-cudnn-cu13", "nvidia-cublas", "nvidia-cuda-nvrtc"):
    try: print(n, m.version(n))
    except Exception: print(n, "is missing")`;

/** @returns { cores, processor, memory, node, said: { tool: lines } } */
export async function describe({ python }, report) {
  const result = {
    cores: cpus().length,
    processor: cpus()[0]?.model,
    memory: totalmem(),
    node: process.version,
    environment: Object.fromEntries(
      ['PATH', 'LD_LIBRARY_PATH', 'CUDA_HOME', 'CUDA_VISIBLE_DEVICES', 'TWOVIEW_LIBTORCH'].map((key) => [
        key,
        process.env[key] ?? null,
      ]),
    ),
    libraries: libraries(process.env.TWOVIEW_LIBTORCH),
    said: {},
  };
  const tools = {
    'nvidia-smi': ['nvidia-smi'],
    'nvidia-smi -q': ['nvidia-smi', '-q'],
    nvcc: ['nvcc', '--version'],
    compiler: [process.env.CXX ?? 'c++', '--version'],
    'cmake --version': ['cmake', '--version'],
    glibc: ['ldd', '--version'],
    devices: ['sh', '-c', 'ls -l /dev/nvidia* /dev/dxg 2>&1'],
    kernel: ['uname', '-a'],
    python: [python, '-c', PYTHON],
    lscpu: ['lscpu'],
    disk: ['df', '-h', '/tmp', '.'],
    limits: ['sh', '-c', 'ulimit -a; cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/memory.max 2>/dev/null'],
  };
  await Promise.all(
    Object.entries(tools).map(async ([name, [command, ...args]]) => {
      const text = await output(command, args);
      console.log(`--- ${name}\n${text}`);
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      result.said[name] =
        name === 'nvidia-smi -q' ? lines.filter((line) => TOLD.test(line)).slice(0, 60) : lines.slice(0, 40);
      report(result);
    }),
  );
  return result;
}

const output = (command, args) =>
  new Promise((resolve) => {
    execFile(command, args, { timeout: SECONDS * 1000, maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
      resolve(error && stdout === '' ? `${error.message}\n${stderr}` : `${stdout}${stderr}`),
    );
  });

/** Names of the shared libraries of torch and of the wheels beside it. */
function libraries(torch) {
  if (torch === undefined) return {};
  const list = (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  const wheels = join(dirname(torch), 'nvidia');
  const folders = [join(torch, 'lib'), ...list(wheels).map((name) => join(wheels, name, 'lib'))];
  return Object.fromEntries(folders.map((folder) => [folder, list(folder).filter((name) => name.includes('.so'))]));
}
