/** @file Every command with what it is for. To add one: a line here, and a file in commands/ that exports `define`. */

import type { Command } from 'commander';

export interface CommandEntry {
  about: string;
  /** Reads its file, so that `twoview --help` needs none of them. */
  load(): Promise<{ define(command: Command): void }>;
}

export const COMMANDS: Record<string, CommandEntry> = {
  data: {
    about: 'show what is in a source of images: parts, classes, twins, what was left alone',
    load: () => import('./commands/data.js'),
  },
  studio: {
    about: 'see, label and measure images in a browser on this machine',
    load: () => import('./commands/studio.js'),
  },
  pretrain: {
    about: 'learn representations from images without labels (SimCLR), or from labels (--method supervised)',
    load: () => import('./commands/pretrain.js'),
  },
  launch: {
    about: 'run pretrain in several processes that share each batch',
    load: () => import('./commands/launch.js'),
  },
  knn: {
    about: 'test representations: do the nearest training images name the test images?',
    load: () => import('./commands/knn.js'),
  },
  probe: {
    about: 'test representations: what does a linear classifier make of them?',
    load: () => import('./commands/probe.js'),
  },
  classify: {
    about: 'make a classifier of a frozen encoder and few labels, in seconds',
    load: () => import('./commands/classify.js'),
  },
  inspect: {
    about: 'show what a pre-training changed: similarities, kNN, neighbours and a map, before and after',
    load: () => import('./commands/inspect.js'),
  },
  finetune: {
    about: 'train a classifier from scratch, from a pre-training, or from a weights file',
    load: () => import('./commands/finetune.js'),
  },
  distil: {
    about: 'train a classifier on what a fine-tuned one says of unlabelled images',
    load: () => import('./commands/distil.js'),
  },
  compare: {
    about: 'the experiment: supervised, transfer and semi-supervised by label amount, with error bars',
    load: () => import('./commands/compare.js'),
  },
  report: {
    about: 'write report.html of an experiment again',
    load: () => import('./commands/report.js'),
  },
  predict: {
    about: 'name the class of every image with a trained classifier, in a CSV',
    load: () => import('./commands/predict.js'),
  },
  embed: {
    about: 'write the representation of every image into a safetensors file',
    load: () => import('./commands/embed.js'),
  },
  select: {
    about: 'choose the images that are worth a label most, and write a CSV to fill in',
    load: () => import('./commands/select.js'),
  },
  models: {
    about: 'list the networks and their parameters',
    load: () => import('./commands/models.js'),
  },
  runs: {
    about: 'list runs, show one, or name the best',
    load: () => import('./commands/runs.js'),
  },
  bench: {
    about: 'measure how fast a network trains here, and how near that is to the machine’s limits',
    load: () => import('./commands/bench.js'),
  },
  doctor: {
    about: 'show what this machine offers, and what to do about what is missing',
    load: () => import('./commands/doctor.js'),
  },
};
