/** @file Accuracy with an interval from an exam, and labels that are likely wrong. In docs/library.md, and run by a test. */
import * as torch from '@twoview/torch';
import * as twoview from 'twoview';

using data = await twoview.openImages('shapes');
const run = await twoview.pretrain({ data, encoder: 'resnet10_narrow', epochs: 2, limit: 1000, out: 'runs/exam' });
const { file } = await twoview.embed({ data, weights: run, out: 'features.safetensors' });
const features = torch.safetensors.load(file).tensors.features!; //           [N, d]
const truth = data.train.labels.tolist<number>(); //                          in your case, the answers of a person
const numClasses = data.classes.length;

const exam = twoview.drawExam(truth.length, 200, 0); //                       200 indices; label them first
const others = truth.map((_, i) => i).filter((i) => !exam.includes(i));
const [labelled, unlabelled] = [others.slice(0, 300), others.slice(300)];

using scale = twoview.scaleOf(features); //                                   of all images, once
using known = features.index(labelled);
using labels = torch.tensor(
  labelled.map((i) => truth[i]!),
  { dtype: 'int64' },
);
using head = twoview.ridgeHead(known, labels, { numClasses, scale }); //      fitted again after every label
const [certainty, predicted] = torch.scope(() => {
  const [largest, classes] = head.probabilities(features).max(1);
  return [largest.tolist<number>(), classes.tolist<number>()];
});

const { accuracy, low, high, method } = twoview.accuracyInterval({
  examRight: exam.map((i) => (predicted[i] === truth[i] ? 1 : 0)),
  examCertainty: exam.map((i) => certainty[i]!),
  certainty: unlabelled.map((i) => certainty[i]!),
});
console.log(`accuracy ${accuracy.toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)} (${method})`);

using leftOut = twoview.leftOutProbabilities(known, labels, { numClasses, scale });
const { suspects } = twoview.suspectLabels(leftOut, labels.tolist<number>());
console.log(`${suspects.length} of ${labelled.length} labels look wrong`);
