/** @file A tensor in words, as PyTorch prints it. Source: torch/_tensor_str.py; complex numbers come without alignment. */
import { scope } from './scope.js';
import type { Tensor } from './tensor.js';

const PRECISION = 4;
const THRESHOLD = 1000;
const EDGE = 3;
const WIDTH = 80;

export function format(tensor: Tensor): string {
  if (tensor.disposed) return 'tensor(disposed)';
  const suffix: string[] = [];
  const { dtype, device, shape } = tensor;
  if (device !== 'cpu') suffix.push(`device='${device}'`);
  const empty = tensor.numel() === 0;
  if (empty && shape.length !== 1) suffix.push(`size=(${shape.join(', ')})`);
  if (!['float32', 'int64', 'bool'].includes(dtype) || (empty && dtype !== 'float32'))
    suffix.push(`dtype=torch.${dtype}`);
  if (tensor.requiresGrad) suffix.push('requires_grad=True');
  const body = empty ? '[]' : elements(tensor);
  return `tensor(${[body, ...suffix].join(', ')})`;
}

function elements(tensor: Tensor): string {
  const summarise = tensor.numel() > THRESHOLD;
  const flat = scope(() => shown(tensor.detach(), summarise).tolist());
  const write = formatter(flat, tensor.dtype);
  return list(tensor, [...tensor.shape], summarise, 'tensor('.length, write);
}

/** Only the edges of a long tensor are copied. */
function shown(tensor: Tensor, summarise: boolean): Tensor {
  if (!summarise) return tensor;
  let edges = tensor;
  tensor.shape.forEach((size, dim) => {
    if (size > 2 * EDGE) {
      const tail = edges.narrow(dim, size - EDGE, EDGE);
      edges = edges.narrow(dim, 0, EDGE).clone();
      edges = catPair(edges, tail, dim);
    }
  });
  return edges;
}

function catPair(a: Tensor, b: Tensor, dim: number): Tensor {
  const out = a.newEmpty(a.shape.map((n, d) => (d === dim ? n + b.shape[d]! : n)));
  out.narrow(dim, 0, a.shape[dim]!).copy_(a);
  out.narrow(dim, a.shape[dim]!, b.shape[dim]!).copy_(b);
  return out;
}

function list(
  tensor: Tensor,
  shape: number[],
  summarise: boolean,
  indent: number,
  write: (value: number) => string,
): string {
  const values = scope(() => shown(tensor.detach(), summarise).tolist());
  const size = (n: number) => (summarise && n > 2 * EDGE ? 2 * EDGE : n);
  let next = 0;
  const level = (depth: number): string => {
    if (depth === shape.length) return write(values[next++]!);
    const parts = Array.from({ length: size(shape[depth]!) }, () => level(depth + 1));
    if (summarise && shape[depth]! > 2 * EDGE) parts.splice(EDGE, 0, depth === shape.length - 1 ? ' ...' : '...');
    return `[${join(parts, depth, shape.length, indent + depth + 1)}]`;
  };
  return level(0);
}

function join(parts: string[], depth: number, ndim: number, indent: number): string {
  const pad = ' '.repeat(indent);
  if (depth < ndim - 1) return parts.join(`,${'\n'.repeat(ndim - depth - 1)}${pad}`);
  const perLine = Math.max(1, Math.floor((WIDTH - indent) / (Math.max(...parts.map((p) => p.length)) + 2)));
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(', '));
  return lines.join(`,\n${pad}`);
}

/** One form for all values, as PyTorch chooses it: integers with a point, fixed, or scientific. */
function formatter(values: number[], dtype: string): (value: number) => string {
  const pad = (write: (value: number) => string) => {
    const width = Math.max(...values.map((value) => write(value).length));
    return (value: number) => write(value).padStart(width);
  };
  if (dtype === 'bool') return pad((value) => (value ? 'True' : 'False'));
  if (!dtype.includes('float')) return pad(String);
  const special = (value: number) => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
  const finite = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  const max = Math.max(...finite);
  const min = Math.min(...finite);
  const scientific = finite.length > 0 && (max / min > 1000 || max > 1e8 || min < 1e-4);
  const whole = finite.every(Number.isInteger);
  return pad((value) => {
    if (!Number.isFinite(value)) return special(value);
    if (whole) return max > 1e8 && max / min > 1000 ? exponential(value) : `${value}.`;
    return scientific ? exponential(value) : value.toFixed(PRECISION);
  });
}

function exponential(value: number): string {
  return value.toExponential(PRECISION).replace(/e([+-])(\d)$/, 'e$10$2');
}
