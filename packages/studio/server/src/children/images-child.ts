/** @file The child that reads the source: lists its files, makes the store, computes representations, and looks for twins. */
import {
  embed,
  type ImageList,
  listImages,
  openImages,
  type ProgressEvent,
  type Survey,
  survey,
  TwoviewError,
} from 'twoview';
import type { Part } from '../api.js';
import { type Ignored, ignoredFiles } from '../source/ignored-files.js';
import type { Tools } from './protocol.js';
import { serve } from './serve.js';

/** How the source is read: settings of `openImages`. */
export interface SourceOptions {
  source: string;
  reading: Record<string, unknown>;
}

/** A file that decoding refuses, and why. */
export interface Unusable {
  path: string;
  why: string;
}

export interface OpenedSet {
  name: string;
  hash: string;
  imageSize: number;
  notes: string[];
  warnings: string[];
  classes: string[];
  parts: { part: Part; count: number; paths: string[] | null; labels: number[] }[];
}

const io = ({ tell, signal }: Tools) => ({ onEvent: (event: ProgressEvent) => tell(event), signal });

const functions = {
  list: async ({ source, reading }: SourceOptions): Promise<{ list: ImageList; others: Ignored[] } | null> => {
    const list = await listImages(source, reading);
    if (list === null) return null;
    const used = new Set(list.images.map(({ path }) => path));
    return { list, others: list.isTable ? [] : ignoredFiles(list.root, used) };
  },

  /** Files that cannot be used are named, and not an error: whoever asked leaves them out, and asks again. */
  open: async ({ source, reading }: SourceOptions, tools: Tools): Promise<OpenedSet | { unusable: Unusable[] }> => {
    const opened = await openImages(source, reading, io(tools)).catch((error: unknown) => {
      if (error instanceof TwoviewError && Array.isArray(error.cause)) return error.cause as Unusable[];
      throw error;
    });
    if (Array.isArray(opened)) return { unusable: opened.map(({ path, why }) => ({ path, why })) };
    using set = opened;
    const { name, hash, imageSize, notes, warnings, classes } = set;
    const parts = (['train', 'val', 'test'] as const).flatMap((part) => {
      const split = set[part];
      if (split === null) return [];
      const paths = split.paths === null ? null : [...split.paths];
      return [{ part, count: split.count, paths, labels: split.labels.tolist() as number[] }];
    });
    return { name, hash, imageSize, notes, warnings, classes, parts };
  },

  embed: async (
    { source, reading, weights, part, out }: SourceOptions & { weights: string; part: Part; out: string },
    tools: Tools,
  ) => await embed({ data: source, ...reading, weights, split: part, out, ...io(tools) }),

  twins: async (
    { source, reading }: SourceOptions,
    tools: Tools,
  ): Promise<Pick<Survey, 'twins' | 'plain' | 'blurred'>> => {
    const config = { data: source, ...reading, near: true, threads: 'auto' };
    const { twins, plain, blurred } = await survey(config as Parameters<typeof survey>[0], io(tools));
    return { twins, plain, blurred };
  },
};

export type ImagesChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};
serve(functions);
