/** @file The job whose memory the slow tests and `npm run bench` watch, in a process of its own as users run it: prints a reading for every step after the warm-up. */
import * as torch from '@twoview/torch';
import { pretrain } from 'twoview';

const [steps, warmUp, out] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const stepsPerEpoch = 100;
await torch.load({ threads: 1 });
// With kNN and health after every fourth epoch, and checkpoints by time.
const options = {
  ...{ data: 'shapes', model: 'resnet10_narrow', precision: 'float32', threads: 1, batchSize: 16, out },
  ...{
    limit: 16 * stepsPerEpoch,
    epochs: steps / stepsPerEpoch,
    heldOut: 200,
    k: 20,
    knnEvery: 4,
    checkpointMinutes: 0.1,
  },
};
const readings = [];
let done = 0;
const onEvent = (event) => {
  if (event.type !== 'step' || ++done <= warmUp) return;
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  readings.push({ native: rss - heapTotal, script: heapUsed, tensors: torch.liveTensors() });
};
await pretrain({ ...options, onEvent });
console.log(JSON.stringify(readings));
