/**
 * @file Which of libtorch's operators are for everyone. The rest stays behind `unsafeOp`: libtorch calls those itself, with
 * arguments that it has checked before, and a wrong one can end the process (test/hostile.test.ts tries all others).
 */
import type { Overload } from './overloads.js';

/** Base names, `_fft_r2c`; each part with its reason. */
const INTERNAL = new RegExp(
  [
    '^_(?!fused_(adam|adamw|sgd|adagrad)_?$|foreach_)', // PyTorch's mark of what is not public; optimizers stand on these kernels
    '_backward', // called by autograd, which knows the shapes of the forward pass
    '^native_(?!channel_shuffle)|^batch_norm_', // what the operator without this word calls when it has checked
    'quantize|^q_|^fake_quant|^fused_moving_avg|fbgemm|^choose_qparams', // quantised kernels trust their observers
    'mkldnn|miopen|cudnn', // one library's half of an operator that chooses among them
    '^from_file$', // a mapping that ends the process when the file is shortened; safetensors and .pth files have their own
    '^_foreach_copy$', // a functional form of _foreach_copy_ that libtorch's compiler makes, without its checks
  ].join('|'),
);

export function isInternal(base: string): boolean {
  return INTERNAL.test(base);
}

/** Types that have no JavaScript form; an overload with one is left out. */
const UNSUPPORTED = /Storage|Stream|__torch__|Dict|QScheme|Future|Any\b/;

/** Dimensions with names, which PyTorch tried and gave up: their checks were never finished. */
const NAMED = /[Dd]imname|\.\w*names|::align_|::rename|::refine_names/;

/** Left out too: results written into given tensors (`out`), whose use in JavaScript would be a trap. */
export function isOffered(one: Overload): boolean {
  const base = one.name.slice('aten::'.length).split('.')[0]!;
  const writesOut = /\(\w+!\)(\[\])? out/.test(one.text) || /[._]out\d?$/.test(one.name);
  return !isInternal(base) && !writesOut && !NAMED.test(one.name) && !UNSUPPORTED.test(one.text);
}
