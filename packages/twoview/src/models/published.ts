/**
 * @file Weights of others by name, downloaded once into the cache and checked: `imagenet` is the usual file for a network,
 * `hub:OWNER/NAME` any repository of huggingface.co that holds a model.safetensors, as all of timm's do.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, type DownloadOptions, download, withLock } from '@twoview/torch/engine';
import { z } from 'zod';
import { TwoviewError } from '../errors.js';
import type { JobIo } from '../runs/events.js';

const TORCHVISION = 'https://download.pytorch.org/models';
const TIMM = 'https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rexnet';
const HUB = 'https://huggingface.co';

/** Trained on ImageNet-1k at 224 pixels. A file's name ends with the first digits of its SHA-256, as its makers do it. */
const IMAGENET: Record<string, string> = {
  resnet18: `${TORCHVISION}/resnet18-f37072fd.pth`,
  resnet34: `${TORCHVISION}/resnet34-b627a593.pth`,
  resnet50: `${TORCHVISION}/resnet50-0676ba61.pth`,
  resnet101: `${TORCHVISION}/resnet101-63fe2227.pth`,
  rexnet_100: `${TIMM}/rexnetv1_100-1b4dddf4.pth`,
  rexnet_130: `${TIMM}/rexnetv1_130-590d768e.pth`,
  rexnet_150: `${TIMM}/rexnetv1_150-bd1a6aa8.pth`,
  rexnet_200: `${TIMM}/rexnetv1_200-8c0b7f2d.pth`,
  rexnet_300: 'hub:timm/rexnet_300.nav_in1k',
};
/** Mean and deviation of ImageNet, which all of these were trained with. */
const IMAGENET_CHANNELS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const HUB_NAME = /^hub:([\w.-]+)\/([\w.-]+)$/;
export const isPublished = (name: string): boolean => name === 'imagenet' || name.startsWith('hub:');

/** The networks that `imagenet` has weights for, and where they are from. */
export const imagenetSource = (model: string): 'torchvision' | 'timm' | null =>
  IMAGENET[model] === undefined ? null : IMAGENET[model].startsWith(TORCHVISION) ? 'torchvision' : 'timm';

export interface Published {
  file: string;
  /** What is known of the network: `model`, `stem`, `normalisation`. */
  metadata: Record<string, string>;
}

type Limits = Pick<DownloadOptions, 'stallMs' | 'attempts'>;

/**
 * `TWOVIEW_MIRROR` names another origin, which holds the files under their own names (OWNER/NAME/resolve/main/model.safetensors
 * for the hub).
 *
 * @param model the network that is asked for; `imagenet` needs it
 * @throws TwoviewError CONFIG_INVALID; TorchError DOWNLOAD, DOWNLOAD_CHECKSUM
 */
export async function fetchPublished(
  name: string,
  model: string | undefined,
  io: JobIo,
  limits: Limits = {},
): Promise<Published> {
  const wanted = name === 'imagenet' ? imagenetFile(model) : name;
  const hub = HUB_NAME.exec(wanted);
  if (hub !== null) return await fetchFromHub(hub[1]!, hub[2]!, io, limits);
  if (wanted.startsWith('hub:')) {
    throw new TwoviewError('CONFIG_INVALID', {
      what: 'this names no repository of the hub',
      where: wanted,
      next: ['hub:OWNER/NAME  for example hub:timm/rexnet_150.nav_in1k'],
    });
  }
  const file = wanted.split('/').at(-1)!;
  const sha256 = /-([0-9a-f]{8})\.pth$/.exec(file)![1]!;
  const metadata = { model: model!, stem: 'imagenet', normalisation: JSON.stringify(IMAGENET_CHANNELS) };
  return { file: await fetchOnce(mirrored(wanted, file), file, sha256, io, limits), metadata };
}

function imagenetFile(model: string | undefined): string {
  const file = model === undefined ? undefined : IMAGENET[model];
  if (file !== undefined) return file;
  throw new TwoviewError('CONFIG_INVALID', {
    what:
      model === undefined ? 'imagenet has weights for several networks' : `there are no ImageNet weights for ${model}`,
    where: 'imagenet',
    next: [`--model ${Object.keys(IMAGENET).join(' | ')}`],
  });
}

const mirrored = (url: string, path: string): string =>
  process.env.TWOVIEW_MIRROR === undefined ? url : `${process.env.TWOVIEW_MIRROR}/${path}`;

/** What the hub's config.json says of a network that timm made; other files there say other things, or nothing. */
const hubConfig = z.object({
  architecture: z.string(),
  pretrained_cfg: z.object({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }),
});

/** Null for what is no JSON: the weights may serve without it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function fetchFromHub(owner: string, name: string, io: JobIo, limits: Limits): Promise<Published> {
  const path = (file: string) => `${owner}/${name}/resolve/main/${file}`;
  const url = (file: string) => mirrored(`${HUB}/${path(file)}`, path(file));
  const kept = (file: string) => `${owner}--${name}--${file}`;
  const config = await fetchOnce(url('config.json'), kept('config.json'), null, io, limits);
  const about = hubConfig.safeParse(parsed(readFileSync(config, 'utf8')));
  const weights = kept('model.safetensors');
  const sha256 = existsSync(cached(weights)) ? null : await linkedSha256(url('model.safetensors'), limits);
  const file = await fetchOnce(url('model.safetensors'), weights, sha256, io, limits);
  if (!about.success) return { file, metadata: {} };
  const { architecture, pretrained_cfg: channels } = about.data;
  const normalisation = JSON.stringify({ mean: channels.mean, std: channels.std });
  return { file, metadata: { model: architecture, stem: 'imagenet', normalisation } };
}

/** The hub names the SHA-256 of a large file where it redirects to it; null from servers that do not. */
async function linkedSha256(url: string, { stallMs = 30_000 }: Limits): Promise<string | null> {
  try {
    const head = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(stallMs) });
    return /^"?([0-9a-f]{64})"?$/.exec(head.headers.get('x-linked-etag') ?? '')?.[1] ?? null;
  } catch {
    return null; // the download that follows meets the same trouble, and reports it
  }
}

const cached = (file: string): string => join(cacheRoot(), 'weights', file);

/** @param sha256 its first digits, or null where nobody says them */
async function fetchOnce(
  url: string,
  name: string,
  sha256: string | null,
  { onEvent, signal }: JobIo,
  limits: Limits,
): Promise<string> {
  const file = cached(name);
  const progress = (text: string, done: number, total: number) =>
    onEvent?.({ type: 'progress', phase: text, done, total, unit: 'bytes' });
  const line = (text: string) => onEvent?.({ type: 'note', text });
  await withLock(join(cacheRoot(), 'weights'), { line, progress }, async () => {
    if (existsSync(file)) return;
    line(`downloading ${url} once into ${join(cacheRoot(), 'weights')}`);
    await download(url, file, {
      ...(sha256 !== null && { checksum: { algorithm: 'sha256', hex: sha256 } }),
      onProgress: (done, total) => progress('download', done, total),
      ...limits,
      ...(signal && { signal }),
    });
  });
  return file;
}
