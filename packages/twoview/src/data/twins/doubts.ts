/** @file What makes the results on a set doubtful, each in one line. `twoview data` shows the images behind them. */
import type { Part } from '../parts.js';
import { equalTo, repeated } from './twins.js';

/** A class this many times as large as another is worth a word. */
const IMBALANCE = 10;

interface Counted {
  classes: readonly string[];
  labels: Record<Part, number[]>;
  digests: Record<Part, Buffer>;
}

export function doubtsOf({ classes, labels, digests }: Counted): string[] {
  const sizes = classes.map((name) => ({ name, trained: 0, tested: 0 }));
  for (const label of labels.train) if (label >= 0) sizes[label]!.trained++;
  for (const label of labels.test) if (label >= 0) sizes[label]!.tested++;
  const tested = labels.test.length;
  const between = equalTo(digests.test, Buffer.concat([digests.train, digests.val])).length;
  const within = repeated(digests.train);
  const untested = tested > 0 ? sizes.filter((one) => one.tested === 0) : [];
  const trained = sizes.filter((one) => one.trained > 0).sort((a, b) => a.trained - b.trained);
  const [least, most] = [trained[0], trained.at(-1)];
  return [
    ...(classes.length === 1
      ? [`there is one class alone, ${classes[0]}: any accuracy on it is 100 %, and so is chance`]
      : []),
    ...(between > 0
      ? [
          `${between} of ${tested} test images are training images too, pixel by pixel; --exclude duplicates leaves them out of the test split`,
        ]
      : []),
    ...(within > 0 ? [`${within} of ${labels.train.length} training images repeat another one, pixel by pixel`] : []),
    ...(least !== undefined && most !== undefined && most.trained >= IMBALANCE * least.trained
      ? [
          `classes differ in size: ${most.trained.toLocaleString('en')} training images of ${most.name}, ${least.trained.toLocaleString('en')} of ${least.name}`,
        ]
      : []),
    ...(untested.length > 0
      ? [
          `${untested.length} of ${classes.length} classes have no test image: ${untested
            .slice(0, 5)
            .map(({ name }) => name)
            .join(', ')}`,
        ]
      : []),
  ];
}
