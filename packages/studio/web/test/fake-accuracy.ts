/** @file The fake server's whole account of an accuracy, counted from the exam's answers. */
import type { Accuracy, Suspects } from '../src/api/types.js';
import { type FakeWorld, wilson } from './fake-world.js';

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function accuracyOf(world: FakeWorld): Accuracy | null {
  const summary = world.summary();
  if (!summary) return null;
  const { predicted, certainty } = world.columns;
  const answers = world.answered;
  const ids = world.classes.map(({ id }) => id);
  const cell = (t: number, p: number) =>
    answers.filter(([id, label]) => label === t && predicted[id] === p).map(([id]) => id);
  const examples = ids.map((t) => ids.map((p) => cell(t, p)));
  const counts = examples.map((row) => row.map((found) => found.length));
  const perClass = ids.map((id, i) => {
    const n = counts[i]!.reduce((a, b) => a + b, 0);
    const named = counts.reduce((sum, row) => sum + row[i]!, 0);
    const right = counts[i]![i]!;
    return { class: id, n, recall: share(right, n), precision: share(right, named), interval: wilson(right, n) };
  });
  const calibration = [0, 0.2, 0.4, 0.6, 0.8].map((low) => {
    const inside = answers.filter(
      ([id]) => certainty[id]! >= low && certainty[id]! < low + 0.2 + (low === 0.8 ? 1 : 0),
    );
    const right = inside.filter(([id, label]) => predicted[id] === label).length;
    const mean = inside.reduce((sum, [id]) => sum + certainty[id]!, 0) / Math.max(1, inside.length);
    return { low, high: low + 0.2, n: inside.length, certainty: mean, accuracy: right / Math.max(1, inside.length) };
  });
  const curve = [10, 20, 40, 80, 160].map((labels) => {
    const accuracy = summary.accuracy - 0.5 / Math.sqrt(labels);
    return { labels, accuracy, interval: wilson(Math.round(accuracy * summary.n), summary.n) };
  });
  const forecast = {
    labels: 210,
    accuracy: summary.accuracy + 0.01,
    interval: [summary.accuracy - 0.02, summary.accuracy + 0.04] as [number, number],
  };
  const warnings =
    summary.n < 100
      ? [{ code: 'EXAM_SMALL', text: `Only ${summary.n} exam images are answered: the interval is wide.` }]
      : [];
  return { ...summary, perClass, confusion: { counts, examples }, calibration, curve, forecast, warnings };
}

export function suspectsOf(world: FakeWorld): Suspects {
  const { label, predicted, certainty } = world.columns;
  const ids = [...label.keys()];
  const summary = world.summary();
  return {
    labels: ids
      .filter((id) => label[id]! >= 0 && label[id] !== predicted[id])
      .map((id) => ({ image: id, given: label[id]!, suggested: predicted[id]!, certainty: certainty[id]! })),
    twins: ids
      .filter((id) => id % 97 === 0 && id + 1 < world.size)
      .map((a) => ({
        a,
        b: a + 1,
        similarity: 0.99,
        exact: a % 2 === 0,
        mirrored: a % 3 === 0,
        acrossParts: a % 5 === 4,
      })),
    plain: ids.filter((id) => id % 211 === 0),
    blurred: ids.filter((id) => id % 157 === 3),
    accuracy: summary && { with: summary, without: { ...summary, accuracy: summary.accuracy + 0.008 } },
    missing: summary ? [] : [{ list: 'accuracy', reason: 'there is no exam yet' }],
  };
}
