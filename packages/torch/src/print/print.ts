/** @file A tensor in words, as PyTorch prints it. Source: torch/_tensor_str.py; what sparse and quantised tensors add is left out. */

import { ops } from '../dispatch/methods.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { type Cells, cellsOf, complexCells } from './print-cells.js';

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
  if (!['float32', 'int64', 'bool', 'complex64'].includes(dtype) || (empty && dtype !== 'float32'))
    suffix.push(`dtype=torch.${dtype}`);
  if (tensor.requiresGrad) suffix.push('requires_grad=True');
  const body = empty ? '[]' : elements(tensor);
  return `tensor(${[body, ...suffix].join(', ')})`;
}

function elements(tensor: Tensor): string {
  const summarise = tensor.numel() > THRESHOLD;
  const cells = scope(() => {
    const edges = shown(tensor.detach(), summarise);
    return edges.dtype.startsWith('complex')
      ? complexCells(ops.viewAsReal(edges.resolveConj()).tolist())
      : cellsOf(edges.tolist(), edges.dtype);
  });
  return list(cells, tensor.shape, summarise, 'tensor('.length);
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

function list({ texts, width }: Cells, shape: readonly number[], summarise: boolean, indent: number): string {
  const size = (n: number) => (summarise && n > 2 * EDGE ? 2 * EDGE : n);
  let next = 0;
  const level = (depth: number): string => {
    if (depth === shape.length) return texts[next++]!;
    const parts = Array.from({ length: size(shape[depth]!) }, () => level(depth + 1));
    const last = depth === shape.length - 1;
    if (summarise && shape[depth]! > 2 * EDGE) parts.splice(EDGE, 0, last ? ' ...' : '...');
    const pad = ' '.repeat(indent + depth + 1);
    if (!last) return `[${parts.join(`,${'\n'.repeat(shape.length - depth - 1)}${pad}`)}]`;
    return `[${rows(parts, width, WIDTH - indent - depth).join(`,\n${pad}`)}]`;
  };
  return level(0);
}

function rows(parts: string[], width: number, room: number): string[] {
  const perLine = Math.max(1, Math.floor(room / (width + 2)));
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(', '));
  return lines;
}
