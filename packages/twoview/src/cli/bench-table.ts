/** @file What `twoview bench` found, for people. */
import type { OperatorTime } from '@twoview/torch';
import type { BenchResult } from '../ssl/bench.js';
import { table } from './format.js';

/** Operators that are listed; the others are summed up. */
const LISTED = 18;

const giga = (value: number) => (value / 1e9).toFixed(0);
const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(0)} %`;

export function benchLines(result: BenchResult): string {
  const { model, stem, views, secondsPerStep, viewsPerSecond, flopsPerSecond, precision, peaks } = result;
  const peak = peaks.convolution[precision];
  const lines = [
    `${model}, stem ${stem}, ${result.device}, ${precision}, ${result.threads} threads`,
    `step         ${(1000 * secondsPerStep).toFixed(0)} ms of ${views} views: ${viewsPerSecond.toFixed(1)} views/s`,
    `computed     ${giga(flopsPerSecond)} GFLOP/s, ${share(flopsPerSecond, peak)} of a direct convolution's ${giga(peak)}; counted as if all were direct`,
    '',
    `limits       float32   product ${giga(peaks.product.float32)} GFLOP/s, convolution ${giga(peaks.convolution.float32)}`,
    `             bfloat16  product ${giga(peaks.product.bfloat16)} GFLOP/s, convolution ${giga(peaks.convolution.bfloat16)}`,
    `             memory    ${(peaks.copy / 1e9).toFixed(1)} GB/s copied`,
  ];
  return result.operators === null
    ? lines.join('\n')
    : `${lines.join('\n')}\n\n${operatorTable(result, result.operators)}`;
}

interface Kind {
  name: string;
  dtype: string;
  calls: number;
  seconds: number;
  /** Null where those of no call are known. */
  flops: number | null;
  bytes: number;
}

function operatorTable({ peaks }: BenchResult, operators: readonly OperatorTime[]): string {
  const kinds = new Map<string, Kind>();
  for (const { name, dtype, calls, seconds, flops, bytes } of operators) {
    const kind = kinds.get(name + dtype) ?? { name, dtype, calls: 0, seconds: 0, flops: null, bytes: 0 };
    kinds.set(name + dtype, {
      ...kind,
      calls: kind.calls + calls,
      seconds: kind.seconds + seconds,
      flops: flops === null ? kind.flops : (kind.flops ?? 0) + calls * flops,
      bytes: kind.bytes + calls * bytes,
    });
  }
  const all = [...kinds.values()].sort((a, b) => b.seconds - a.seconds);
  const total = all.reduce((sum, { seconds }) => sum + seconds, 0);
  const rest = all.slice(LISTED).reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = all.slice(0, LISTED).map(({ name, dtype, calls, seconds, flops, bytes }) => {
    const peak = peaks.convolution[dtype === 'BFloat16' ? 'bfloat16' : 'float32'];
    return [
      ...[name.replace('aten::', ''), dtype, `${calls}`, (1000 * seconds).toFixed(1), share(seconds, total)],
      ...(flops === null ? ['', ''] : [giga(flops / seconds), share(flops / seconds, peak)]),
      ...[(bytes / seconds / 1e9).toFixed(1), share(bytes / seconds, peaks.copy)],
    ];
  });
  const head = ['operator', 'numbers', 'calls', 'ms', 'of the step', 'GFLOP/s', 'of the peak', 'GB/s', 'of the peak'];
  return [
    table([head, ...rows]),
    `${(1000 * rest).toFixed(1)} ms in others; ${(1000 * total).toFixed(0)} ms in operators in all.`,
    'An operator’s own time, on one step. GB/s count each tensor once: what stays in a cache is faster than memory.',
  ].join('\n');
}
