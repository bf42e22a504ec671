/** @file What both A and B begin with: the machine is described, both halves are compiled, images are decoded, all at once. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns {{ built: boolean, data: string | null }} data is a safetensors file of the images, null where there is none */
export async function makeReady(check) {
  const { runner, device, python } = check;
  const cache = process.env.TWOVIEW_CACHE;
  const half = (name) => {
    const env = { TWOVIEW_CACHE: join(runner.work, `build-${name}`) };
    return runner.part(`build ${name}`, 'build', 'build', { half: name, cache }, { limit: 300, env });
  };
  const [addon, cuda, decoded] = await Promise.all([
    half('addon'),
    device === 'cpu' ? { status: 'ok' } : half('cuda'),
    decode(check),
    runner.part('machine', 'machine', 'describe', { python }, { limit: 30 }),
    device === 'cpu' ? null : warm(check),
  ]);
  const built = addon.status === 'ok' && cuda.status === 'ok';
  return { built, data: built ? (decoded ?? (await decodeByProduct(check))) : decoded };
}

/**
 * Reads the libraries of CUDA from a cold disk while the addon is compiled, and tells whether PyTorch itself can use the GPU. It is no
 * failure of the check where that cannot.
 */
async function warm({ runner, python }) {
  const script = `import torch
print(torch.__version__, torch.version.cuda, torch.backends.cudnn.version(), torch.cuda.get_device_name(0))
x = torch.randn(8, 64, 32, 32, device="cuda", requires_grad=True).to(memory_format=torch.channels_last)
with torch.autocast("cuda", torch.bfloat16):
    y = torch.nn.Conv2d(64, 64, 3, device="cuda")(x).flatten(1)
(y @ y.t()).float().sum().backward()
torch.cuda.synchronize()
print("a convolution and a product ran, peak", torch.cuda.max_memory_allocated())`;
  const { status, stdout, stderr } = await runner.run('PyTorch', python, ['-c', script], { limit: 40, optional: true });
  runner.results.pytorch = { status, said: stdout?.trim().split('\n'), ...(status !== 'ok' && { error: stderr }) };
}

/** By Pillow, while the addon is compiled. @returns null where that failed */
async function decode({ runner, pack, python, cores }) {
  const archive = join(pack, 'images.tar.gz');
  if (!existsSync(archive)) return join(pack, 'data.safetensors');
  const file = join(runner.work, 'images.safetensors');
  const script = join(import.meta.dirname, 'decode.py');
  const optional = { limit: 90, optional: true }; // there is another way
  const decoded = await runner.run('decode', python, [script, archive, file, String(cores)], optional);
  return decoded.status === 'ok' ? file : null;
}

async function decodeByProduct({ runner, pack, python }) {
  const [folder, file] = [join(runner.work, 'images'), join(runner.work, 'images.safetensors')];
  const script = join(import.meta.dirname, 'unpack.py');
  const { imageSize } = JSON.parse(readFileSync(join(pack, 'pixels.json'), 'utf8'));
  const unpacked = await runner.run('unpack images', python, [script, join(pack, 'images.tar.gz'), folder]);
  if (unpacked.status !== 'ok') return null;
  const options = { folder, file, imageSize };
  const decoded = await runner.part('decode by twoview', 'pixels', 'decodeFolder', options, { limit: 120 });
  return decoded.status === 'ok' ? file : null;
}
