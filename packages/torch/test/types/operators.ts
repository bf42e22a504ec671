/** @file What the compiler takes and refuses; types.test.ts runs tsc on it. A line that should be refused and is not fails there. */
import * as torch from '../../src/index.js';

declare const x: torch.Tensor;
declare const w: torch.Tensor;

const image: torch.Tensor = x.conv2d(w, { stride: 1 });
x.conv2d(w, null, 1, [1, 1]);
x.conv2d(w, { stride: [1, 2], padding: 1, groups: 2 });
x.add(1);
x.add(w, { alpha: 2 });
const [values, indices]: [torch.Tensor, torch.Tensor] = x.topk(3, { dim: 0 });
const parts: torch.Tensor[] = x.split(2);
const size: number = x.numel();
torch.ops.where(x, w, w);
torch.zeros([2], { dtype: 'bfloat16', device: 'cpu' });
x.sum([0], { keepdim: true, dtype: 'float64' });
torch.randn([2], { generator: new torch.Generator(1) });
const kept: { a: torch.Tensor } = torch.scope(() => ({ a: image, values, indices, parts, size }));
void kept;

// @ts-expect-error a string is no number
x.conv2d(w, { stride: '1' });
// @ts-expect-error no such option
x.conv2d(w, { strides: 1 });
// @ts-expect-error the weight is missing
x.conv2d();
// @ts-expect-error a number is no weight
x.conv2d(3);
// @ts-expect-error no such dtype
torch.zeros([2], { dtype: 'float31' });
// @ts-expect-error no such operator
x.conv4d(w);
// @ts-expect-error one argument too many
x.relu(1);
// @ts-expect-error a list of tensors is wanted
torch.cat(x);
// @ts-expect-error the result is a tensor
const wrong: number = x.add(1);
// @ts-expect-error internal operators are not offered
x._fftR2c([0], 0, true);
// @ts-expect-error a tensor is made by functions, not by new
new torch.Tensor(1);
// @ts-expect-error no such code
const code: torch.TorchErrorCode = 'OOPS';
void wrong;
void code;
