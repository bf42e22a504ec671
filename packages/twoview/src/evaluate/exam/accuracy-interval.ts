/**
 * @file The interval that is shown. Which method gives it is decided by counts alone, before any width is known, so that no interval is taken
 * because it happened to be narrow. The prediction-powered one needs an exam of 100 images, 5 of them right and 5 wrong, and as many other
 * images; with them it is never much wider than Wilson's, since lambda may be 0. (Taking the narrower one each time would have held the truth
 * as often in the simulated exams of docs/results/exam; nothing proves that it always does.)
 *
 * It is an interval for all images of the collection, the exam among them. For those outside the exam alone the variance is larger by
 * N / (N - n) than for endlessly many: 1.01 for 400 of 50,000, and 1.67, too much, for 400 of 1,000.
 */
import { type Answers, countRight, type Interval, plain, predictionPowered } from './prediction-powered.js';

/** @returns the accuracy on images like those that the exam was drawn from, with its 95 % interval @throws TwoviewError EXAM_INVALID */
export function accuracyInterval(answers: Pick<Answers, 'examRight'> & Partial<Answers>): Interval {
  const { examRight, examCertainty, certainty } = answers;
  if (examCertainty !== undefined && certainty !== undefined) {
    return predictionPowered({ examRight, examCertainty, certainty });
  }
  return plain(countRight(examRight), examRight.length, 'certainties were not given');
}
