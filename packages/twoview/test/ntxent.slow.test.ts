import * as torch from '@twoview/torch';
import { beforeAll, expect, test } from 'vitest';
import { ntXent } from '../src/losses/nt-xent.js';

beforeAll(() => torch.load());

test('NT-Xent is finite and near its float64 value in bfloat16 for 8192 views at tau = 0.1', () => {
  const z = torch.randn([8192, 64], { generator: new torch.Generator(1) });
  const loss = (x: torch.Tensor) => ntXent(x.narrow(0, 0, 4096), x.narrow(0, 4096, 4096), { temperature: 0.1 });
  const half = z.to('bfloat16');
  half.requiresGrad = true;
  const value = loss(half);
  value.backward();
  // The inputs differ by 2^-9 relative; the loss averages 8192 rows of logits up to 10.
  expect(Math.abs(value.item() - loss(z.to('float64')).item())).toBeLessThan(2e-3);
  expect(half.grad!.isfinite().all().item()).toBe(1);
});
