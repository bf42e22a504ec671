import { beforeAll, expect, test } from 'vitest';
import * as torch from '../src/index.js';
import { fixture } from './fixture.js';

beforeAll(() => torch.load({ threads: 1 }));

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const { tensor } = torch;

/** The tensors of scripts/make-nn-fixtures.py, under the same names. */
const TENSORS: Record<string, () => torch.Tensor> = {
  scalar: () => tensor(3.5),
  integers: () => tensor([[1, -20, 300]], { dtype: 'int64' }),
  float64: () => tensor([1 / 3, -2.5], { dtype: 'float64' }),
  bools: () => tensor([true, false]),
  'whole floats': () => tensor([1, 20, -3]),
  mixed: () =>
    tensor([
      [0.1, 22.25],
      [-3, 4],
    ]),
  scientific: () => tensor([1e-6, 1, 2345]),
  large: () => tensor([1e9, 1.5]),
  'large whole': () => tensor([1e9, 2e9]),
  special: () => tensor([nan, inf, -inf, 1.5]),
  'only special': () => tensor([nan, inf]),
  'whole and special': () => tensor([nan, 2]),
  zeros: () => torch.zeros([2, 3]),
  empty: () => torch.empty([0]),
  'empty, two dimensions': () => torch.empty([0, 3]),
  'empty integers': () => torch.empty([0], { dtype: 'int32' }),
  'three dimensions': () => torch.arange(12, { dtype: 'float32' }).reshape([2, 3, 2]),
  long: () => torch.arange(1001),
  'long, two dimensions': () => torch.arange(2000, { dtype: 'float32' }).reshape([40, 50]),
  'long rows': () => torch.arange(40),
  'wide floats': () => torch.randn([3, 12], { generator: new torch.Generator(1) }),
  'requires grad': () => tensor([1], { requiresGrad: true }),
  bfloat16: () => tensor([1.5, 2], { dtype: 'bfloat16' }),
  half: () => tensor([0.1], { dtype: 'float16' }),
  uint8: () => tensor([0, 255], { dtype: 'uint8' }),
  'minus zero': () => tensor([-0, 0.5]),
  small: () => tensor([1e-5, 2e-5]),
  'hundred million': () => tensor([1e8]),
  'two hundred million': () => tensor([2e8]),
  'wide range of whole numbers': () => tensor([1, 2000]),
  complex: () => torch.ops.complex(tensor([1, -0]), tensor([2, -0.5])),
  'one tall column': () => torch.arange(3).reshape([3, 1]),
};

test.each(Object.entries(fixture<Record<string, string>>('printing.json')))('prints as PyTorch: %s', (name, text) => {
  const live = torch.liveTensors();
  torch.scope(() => expect(String(TENSORS[name]!())).toBe(text));
  expect(torch.liveTensors()).toBe(live);
});

test('a disposed tensor says so', () => {
  const x = torch.ones([1]);
  x.dispose();
  expect(String(x)).toBe('tensor(disposed)');
});
