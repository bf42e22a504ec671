/**
 * @file Where a step takes its images from: a set that fits lies on the GPU as a whole, and a step picks its rows there; of a larger one
 * each batch is gathered in pinned memory, from which a GPU copies while the CPU goes on. On a CPU the store's own memory serves.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Split } from './image-set.js';

export interface BatchSource extends Disposable {
  /** Where the indices that it is asked for must lie. */
  indexDevice: string;
  /** @param indices [N] int64 @returns [N, 3, S, S] uint8, on the device */
  images(indices: Tensor): Tensor;
  /** The same images without a copy where they lie on the device: the rows `indices` of `images`, both there. */
  rows(indices: Tensor): { images: Tensor; indices: Tensor };
  /** @returns [N] int64, on the device */
  labels(indices: Tensor): Tensor;
  /** Has the images of a coming step read from the disk meanwhile. */
  expect(indices: Tensor): void;
  /** In words, where it is not plain. */
  note: string | null;
}

/** Of the free memory of a GPU; the rest is for weights and activations. */
const SHARE = 0.5;

/** @param split its tensors must outlive the source */
export function batchSource({ images, labels }: Split, device: string): BatchSource {
  if (!device.startsWith('cuda')) return onCpu(images, labels);
  const bytes = images.numel() + 8 * labels.numel();
  return bytes <= SHARE * torch.cuda.memory(device).free
    ? onDevice(images, labels, device)
    : pinned(images, labels, device);
}

function onCpu(images: Tensor, labels: Tensor): BatchSource {
  return {
    indexDevice: 'cpu',
    images: (indices) => images.indexSelect(0, indices),
    rows: (indices) => ({ images, indices }),
    labels: (indices) => labels.indexSelect(0, indices),
    expect: (indices) => torch.willNeed(images, indices),
    note: null,
    [Symbol.dispose]() {},
  };
}

function onDevice(images: Tensor, labels: Tensor, device: string): BatchSource {
  const there = [images, labels].map((tensor) => torch.keep(tensor.to(device))) as [Tensor, Tensor];
  return {
    ...onCpu(...there),
    indexDevice: device,
    expect() {},
    note: `all images lie on the GPU (${Math.ceil(images.numel() / 1e6)} MB)`,
    [Symbol.dispose]() {
      for (const tensor of there) tensor.dispose();
    },
  };
}

function pinned(images: Tensor, labels: Tensor, device: string): BatchSource {
  const gathered = (all: Tensor, indices: Tensor) =>
    torch.scope(() => {
      const shape = [indices.numel(), ...all.shape.slice(1)];
      const rows = torch.ops.empty(shape, { dtype: all.dtype, pinMemory: true });
      torch.unsafeOp('aten::index_select.out', all, 0, indices, rows);
      return rows.to({ device, nonBlocking: true }); // libtorch keeps pinned memory until it has been copied
    });
  return {
    ...onCpu(images, labels),
    images: (indices) => gathered(images, indices),
    rows: (indices) => ({ images: gathered(images, indices), indices: torch.arange(indices.numel(), { device }) }),
    labels: (indices) => gathered(labels, indices),
    note: 'the images do not fit on the GPU: each batch is copied to it',
  };
}
