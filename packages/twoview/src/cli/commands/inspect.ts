/** @file twoview inspect */
import type { Command } from 'commander';
import { inspectSchema } from '../../config/inspect.js';
import { writeInspection } from '../../report/inspection.js';
import { counted } from '../../report/words.js';
import { inspect } from '../../ssl/inspect.js';
import { asPercent, duration } from '../format.js';
import { defineJob } from '../job-command.js';
import { addRunArgument } from '../run-argument.js';

export function define(command: Command): void {
  addRunArgument(command);
  defineJob(command, {
    schema: inspectSchema,
    examples: [
      '  twoview inspect runs/photos --out runs/photos-inspection',
      '  # with kNN on other, labelled images:',
      '  twoview inspect runs/photos --data labelled/ --k 20 --out runs/inspection',
    ].join('\n'),
    run: async (config, { io }) => ({ ...(await inspect(config, io)), page: await writeInspection(config.out) }),
    print: ({ shown, similarity, knnTest, map, page, seconds }) =>
      [
        `similarity of two views of one image   ${similarity.before.positiveMean.toFixed(3)} before, ${similarity.after.positiveMean.toFixed(3)} after`,
        `           of views of other images   ${similarity.before.negativeMean.toFixed(3)} before, ${similarity.after.negativeMean.toFixed(3)} after`,
        knnTest === null
          ? 'kNN        not measured: there are no labelled test images'
          : `kNN        ${asPercent(knnTest.before)} before, ${asPercent(knnTest.after)} after, of ${counted(knnTest.queries, 'test image')}; k = ${knnTest.k} among ${knnTest.bank.toLocaleString('en')}`,
        `pictures   ${page}: views, similarities, neighbours, and a map of ${map.after.length.toLocaleString('en')} ${shown}`,
        `time       ${duration(seconds)}`,
      ].join('\n'),
  });
}
