/** @file A classifier on a frozen encoder with 50 labels, and a student that is trained on its predictions. In docs/library.md, and run by a test. */
import { classify, distil, pretrain } from 'twoview';

const data = 'shapes';
const run = await pretrain({
  data,
  encoder: 'resnet10_narrow',
  stem: 'cifar-half',
  batchSize: 64,
  epochs: 2,
  limit: 512,
  precision: 'float32',
  out: 'runs/encoder',
});
const teacher = await classify({ data, weights: run, labels: 50, out: 'runs/teacher' });
console.log(`teacher: accuracy ${teacher.metrics.accuracy.toFixed(2)}, strength ${teacher.choice.strength.toFixed(2)}`);
const student = await distil({ data, teacher, init: run, maxSteps: 20, precision: 'float32', out: 'runs/student' });
console.log(`student: accuracy ${student.metrics?.accuracy.toFixed(2)}`);
