/** @file The child that reads the source: lists its files, makes the store, computes representations, and looks for twins. */
import { embed, type ListedImage, listImages, openImages, type ProgressEvent, type Survey, survey } from 'twoview';
import type { Part } from '../api.js';
import type { Tools } from './protocol.js';
import { serve } from './serve.js';

/** How the source is read: settings of `openImages`. */
export interface SourceOptions {
  source: string;
  reading: Record<string, unknown>;
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
  list: async ({ source, reading }: SourceOptions) => await listImages(source, reading),

  open: async ({ source, reading }: SourceOptions, tools: Tools): Promise<OpenedSet> => {
    using set = await openImages(source, { ...reading, skipCorrupt: true }, io(tools));
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
  ) => await embed({ data: source, ...reading, skipCorrupt: true, weights, split: part, out, ...io(tools) }),

  twins: async ({ source, reading }: SourceOptions, tools: Tools): Promise<Pick<Survey, 'twins' | 'plain'>> => {
    const config = { data: source, ...reading, skipCorrupt: true, near: true, threads: 'auto' };
    const { twins, plain } = await survey(config as Parameters<typeof survey>[0], io(tools));
    return { twins, plain };
  },
};

export type ImagesChild = {
  [Name in keyof typeof functions]: (
    args: Parameters<(typeof functions)[Name]>[0],
  ) => ReturnType<(typeof functions)[Name]>;
};
export type { ListedImage };

serve(functions);
