/** @file Accuracy with an interval from an exam, and labels that are likely wrong. In docs/library.md, and run by a test. */
import * as torch from '@twoview/torch';
import { accuracyInterval, drawExam, leftOutProbabilities, ridgeHead, scaleOf, suspectLabels } from 'twoview';

// Simulated representations of 2,000 images of four classes. For those of your images, run `twoview embed` and load its file:
// const features = torch.safetensors.load('features.safetensors').tensors.features!;
await torch.load();
torch.manualSeed(0);
const [N, numClasses] = [2000, 4];
const truth = Array.from({ length: N }, (_, i) => i % numClasses); //           what a person would answer
const centres = torch.randn(numClasses, 32);
const features = centres.index(truth).add(torch.randn(N, 32).mul(2)); //        [N, d]

const exam = drawExam(N, 200, 0); //                                            200 indices; label them first
const others = truth.map((_, i) => i).filter((i) => !exam.includes(i));
const [labelled, unlabelled] = [others.slice(0, 300), others.slice(300)];
const given = labelled.map((i, row) => (truth[i]! + (row < 6 ? 1 : 0)) % numClasses); // the first 6 labels are wrong

using scale = scaleOf(features); //                                             of all images, once
using known = features.index(labelled);
using labels = torch.tensor(given, { dtype: 'int64' });
using head = ridgeHead(known, labels, { numClasses, scale }); //                fitted again after every label
const [certainty, predicted] = torch.scope(() => {
  const [largest, classes] = head.probabilities(features).max(1);
  return [largest.tolist<number>(), classes.tolist<number>()];
});

const { accuracy, low, high, method } = accuracyInterval({
  examRight: exam.map((i) => (predicted[i] === truth[i] ? 1 : 0)),
  examCertainty: exam.map((i) => certainty[i]!),
  certainty: unlabelled.map((i) => certainty[i]!),
});
console.log(`accuracy ${accuracy.toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)} (${method})`);

using leftOut = leftOutProbabilities(known, labels, { numClasses, scale });
const { suspects } = suspectLabels(leftOut, given);
const found = suspects.filter(({ index }) => index < 6);
console.log(`${suspects.length} of ${given.length} labels are suspect, among them ${found.length} of the 6 wrong ones`);
