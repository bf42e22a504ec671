/** @file What the device can do at best: matrix products in each precision, a convolution, a copy; many launches for each wait. */
import { torch } from './parts.mjs';

/** @returns { product: { bfloat16, float32, tf32 }, convolution, copy } operations, and bytes, a second */
export async function measurePeaks({ device, sizes }, report) {
  const { side, maps, copied, launches, repeats } = sizes;
  const gpu = device !== 'cpu';
  await torch.load();
  const wait = () => gpu && torch.cuda.synchronize(device);
  const best = (body) => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i <= repeats; i++) {
      wait();
      const start = performance.now();
      torch.scope(() => {
        for (let launch = 0; launch < launches; launch++) torch.scope(() => void body());
      });
      wait();
      if (i > 0) least = Math.min(least, (performance.now() - start) / 1000 / launches);
    }
    return least;
  };
  const result = { side, product: {} };
  torch.noGrad(() =>
    torch.scope(() => {
      const kinds = { bfloat16: 'bfloat16', float32: 'float32', ...(gpu && { tf32: 'float32' }) };
      for (const [name, dtype] of Object.entries(kinds)) {
        if (gpu) torch.cuda.configure({ tf32Products: name === 'tf32', benchmark: true, deterministic: false });
        const a = torch.randn([side, side], { device }).to(dtype);
        result.product[name] = (2 * side ** 3) / best(() => a.mm(a));
        report(result);
      }
      const [n, c, h, w] = maps;
      const x = torch.randn(maps, { device }).to('bfloat16').contiguous({ memoryFormat: 'channels_last' });
      const weight = torch.randn([c, c, 3, 3], { device }).to('bfloat16').contiguous({ memoryFormat: 'channels_last' });
      result.convolution = (2 * n * h * w * c * c * 9) / best(() => x.conv2d(weight, null, 1, 1));
      report(result);
      const source = torch.empty([copied / 4], { device }).fill_(1);
      const target = source.clone();
      result.copy = (2 * copied) / best(() => target.copy_(source));
    }),
  );
  console.log(JSON.stringify(result));
  return result;
}
