/** @file The test images of a set, for what measures accuracy on them: asked where it is needed, so that nothing else is refused. */
import { TwoviewError } from '../errors.js';
import { type ImageSet, labelList, type Split } from './image-set.js';
import { untrainedHint } from './sources/list-folder.js';

const where = '--data';

/** @throws TwoviewError DATA_EMPTY, LABELS_MISSING */
export function labelledTest(set: ImageSet): Split {
  const { classes, test } = set;
  if (classes.length === 0) {
    throw new TwoviewError('LABELS_MISSING', {
      what: 'these images have no labels',
      where,
      next: ['give a folder with one folder a class, or a CSV of path,label'],
    });
  }
  if (test === null) {
    throw new TwoviewError('DATA_EMPTY', {
      what: 'there are no test images to measure accuracy on',
      where,
      next: [
        'give a folder with train/ and test/, each with one folder a class',
        '--validation 0.2  of finetune keeps a part of the labelled images for that',
      ],
    });
  }
  requireLabels(test);
  requireTrained(set, test);
  return test;
}

/** A test image without a class tests nothing; leaving it out in silence would change what is tested. */
function requireLabels(test: Split): void {
  const unknown = labelList(test).filter((label) => label < 0).length;
  if (unknown === 0) return;
  throw new TwoviewError('LABELS_MISSING', {
    what: `${unknown} of ${test.count} test images have no label`,
    where,
    next: ['give them a label, or move them to the training images, which may be without'],
  });
}

/** A class that is only tested cannot be named by anything that was trained. */
export function requireTrained({ classes, train }: ImageSet, tested: Split): void {
  const known = new Set(labelList(train));
  const only = [...new Set(labelList(tested))].filter((label) => label >= 0 && !known.has(label));
  if (only.length === 0) return;
  const names = only.map((label) => classes[label]!);
  const trained = classes.filter((_, label) => known.has(label));
  throw new TwoviewError('DATA_EMPTY', {
    what: `class ${names.slice(0, 5).join(', ')} is tested but has no training images${untrainedHint(names[0]!, trained)}`,
    where,
    next: ['add training images of it, or remove its test images'],
  });
}
