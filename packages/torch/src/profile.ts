/** @file Where time goes: operators with their own time, and how much they compute and move. */
import { guarded, native } from './native.js';

export interface OperatorTime {
  /** `aten::mm` */
  name: string;
  /** Of the first tensor, in PyTorch's words: `Float`, `BFloat16`. */
  dtype: string;
  /** Shapes of the tensors that go in and come out. */
  inputs: number[][];
  outputs: number[][];
  calls: number;
  /** Of all calls, without that of the operators inside. */
  seconds: number;
  /** Read and written by one call, each tensor once. */
  bytes: number;
  /** Floating-point operations of one call, where they are known: convolutions and products. */
  flops: number | null;
}

/** Runs `body` and gives the operators that ran meanwhile, on any thread, the slowest first. It costs some microseconds an operator. */
export function profile(body: () => void): OperatorTime[] {
  guarded('profile', () => native().startProfile());
  let rows: ReturnType<ReturnType<typeof native>['stopProfile']>;
  try {
    body();
  } finally {
    rows = native().stopProfile();
  }
  return rows
    .map(([name, dtype, inputs, outputs, calls, seconds, bytes]) => {
      const row = { name, dtype, inputs, outputs, calls, seconds, bytes };
      return { ...row, flops: flopsOf(row) };
    })
    .sort((a, b) => b.seconds - a.seconds);
}

const numel = (shape: readonly number[] | undefined): number => (shape ?? []).reduce((a, b) => a * b, 1);

/** A multiply-add counts as two. */
function flopsOf({ name, inputs, outputs }: Pick<OperatorTime, 'name' | 'inputs' | 'outputs'>): number | null {
  const [first, second, third] = inputs;
  if (
    /^aten::(mkldnn_convolution|convolution_overrideable|_slow_conv2d_forward|thnn_conv2d|_conv_depthwise2d)$/.test(
      name,
    )
  ) {
    return 2 * numel(outputs[0]) * perOutput(second);
  }
  if (name === 'aten::convolution_backward') {
    // (gradient, input, weight) -> of those that were asked for: gradients of input, weight and bias
    const asked = outputs.filter((shape) => String(shape) === String(second) || String(shape) === String(third)).length;
    return 2 * numel(first) * perOutput(third) * asked;
  }
  if (name === 'aten::mm') return 2 * numel(outputs[0]) * first!.at(-1)!;
  if (name === 'aten::bmm') return 2 * numel(outputs[0]) * first!.at(-1)!;
  if (name === 'aten::addmm') return 2 * numel(outputs[0]) * second!.at(-1)!;
  if (name === 'aten::mkldnn_linear') return 2 * numel(outputs[0]) * first!.at(-1)!;
  return null;
}

/** Multiply-adds for one output of a convolution with a weight [out, in / groups, ...]. */
const perOutput = (weight: readonly number[] | undefined): number => numel(weight?.slice(1));
