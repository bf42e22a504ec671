/** @file Every command with what it is for. To add one: a line here, and a file in commands/ that exports `define`. */

import type { Command } from 'commander';

export interface CommandEntry {
  about: string;
  /** Reads its file, so that `twoview --help` needs none of them. */
  load(): Promise<{ define(command: Command): void }>;
}

export const COMMANDS: Record<string, CommandEntry> = {
  data: {
    about: 'show what a source of images holds: splits, classes, twins, files that are not used',
    load: () => import('./commands/data.js'),
  },
  studio: {
    about: 'look at images, label them and measure a classifier, in a browser',
    load: () => import('./commands/studio.js'),
  },
  pretrain: {
    about: 'pre-train an encoder on images without labels (SimCLR), or with labels (--method supervised)',
    load: () => import('./commands/pretrain.js'),
  },
  launch: {
    about: 'run pretrain in several processes that share each batch',
    load: () => import('./commands/launch.js'),
  },
  knn: {
    about: 'test an encoder: accuracy of kNN on its representations',
    load: () => import('./commands/knn.js'),
  },
  probe: {
    about: 'test an encoder: accuracy of a linear classifier on its representations',
    load: () => import('./commands/probe.js'),
  },
  classify: {
    about: 'fit a classifier on a frozen encoder with few labels, in seconds',
    load: () => import('./commands/classify.js'),
  },
  inspect: {
    about: 'show what pre-training changed: similarities, kNN, neighbours and a map, before and after',
    load: () => import('./commands/inspect.js'),
  },
  finetune: {
    about: 'train a classifier with labels, from scratch or from pre-trained weights',
    load: () => import('./commands/finetune.js'),
  },
  distil: {
    about: 'train a student on a teacher’s predictions for unlabelled images',
    load: () => import('./commands/distil.js'),
  },
  compare: {
    about: 'the experiment: supervised, transfer and semi-supervised by label fraction, with error bars',
    load: () => import('./commands/compare.js'),
  },
  report: {
    about: 'write the report.html of an experiment again',
    load: () => import('./commands/report.js'),
  },
  predict: {
    about: 'predict the class of every image with a trained classifier, into a CSV',
    load: () => import('./commands/predict.js'),
  },
  embed: {
    about: 'write the representations of all images of a split into a safetensors file',
    load: () => import('./commands/embed.js'),
  },
  select: {
    about: 'choose the images that are most worth a label, and write a CSV to fill in',
    load: () => import('./commands/select.js'),
  },
  models: {
    about: 'list the networks and their parameters',
    load: () => import('./commands/models.js'),
  },
  runs: {
    about: 'list runs, show one, or find the best',
    load: () => import('./commands/runs.js'),
  },
  bench: {
    about: 'measure how fast a network trains on this machine, and how near that is to its limits',
    load: () => import('./commands/bench.js'),
  },
  doctor: {
    about: 'show what was found on this machine, and how to install what is missing',
    load: () => import('./commands/doctor.js'),
  },
};
