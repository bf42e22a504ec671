#!/usr/bin/env node
/**
 * @file Is the number honest? Simulated exams on images whose classes are all known: how often the 95 % interval holds the accuracy on all
 * other images; scripted labelling sessions that choose their labels; planted label errors; forecasts against the labels that then came.
 *
 *   twoview embed --data cifar10-jpeg.tar.gz --weights RUN --out train.safetensors
 *   node benchmarks/exam.mjs --features train.safetensors [--exams 2000] [--sessions 500 [--from SEED]] [--only exams,sessions,errors,forecasts,seconds]
 */
import { availableParallelism, cpus } from 'node:os';
import * as torch from '../packages/torch/dist/src/index.js';
import {
  accuracyInterval,
  drawExam,
  forecast,
  labelCurve,
  leftOutProbabilities,
  ridgeHead,
  scaleOf,
  suspectLabels,
} from '../packages/twoview/dist/src/index.js';
import { holds, normal, width } from './lib/intervals.mjs';
import { optionsOr } from './lib/options.mjs';

const values = optionsOr(
  'node benchmarks/exam.mjs --features train.safetensors [--exams 2000] [--sessions 500 [--from SEED]] [--only ...]',
  {
    features: { type: 'string', default: 'train.safetensors' },
    exams: { type: 'string', default: '2000' },
    sessions: { type: 'string', default: '500' },
    from: { type: 'string', default: '0' },
    forecasts: { type: 'string', default: '100' },
    only: { type: 'string', default: 'exams,sessions,errors,forecasts,seconds' },
  },
);

await torch.load();
const stored = torch.safetensors.load(values.features).tensors;
const features = stored.features.clone();
const truth = stored.labels.tolist();
const count = truth.length;
const numClasses = Math.max(...truth) + 1;
const scale = scaleOf(features);
console.log(
  `${count} images, ${features.shape[1]} numbers each; ${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.version}`,
);

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const percent = (share, digits = 1) => (100 * share).toFixed(digits);
const index = (list) => torch.tensor(list, { dtype: 'int64' });
const rowsAt = (list) => features.indexSelect(0, index(list));
const classesAt = (list) => list.map((i) => truth[i]);
/** So many random images. */
const sample = (size, seed, exclude) => drawExam(count, size, seed, exclude);

/** @returns the head of labelled images, and of all images whether it is right and how certain */
function classifier(labelled) {
  return torch.scope(() => {
    const head = ridgeHead(rowsAt(labelled), index(classesAt(labelled)), {
      numClasses,
      scale,
    });
    const top = head.probabilities(features).topk(2, { dim: 1 });
    const [first, second] = [0, 1].map((k) => top[0].select(1, k).tolist());
    const predicted = top[1].select(1, 0).tolist();
    return {
      right: predicted.map((one, i) => Number(one === truth[i])),
      certainty: first,
      margin: first.map((one, i) => one - second[i]),
      leftOut: head.choice.accuracy,
    };
  });
}

/** What an exam says, and what is true of all images that are neither in it nor labelled. */
function answersOf({ right, certainty }, labelled, exam) {
  const seen = new Set([...labelled, ...exam]);
  const others = truth.map((_, i) => i).filter((i) => !seen.has(i));
  return {
    accuracy: mean(others.map((i) => right[i])),
    answers: {
      examRight: exam.map((i) => right[i]),
      examCertainty: exam.map((i) => certainty[i]),
      certainty: others.map((i) => certainty[i]),
    },
  };
}

function exams() {
  const draws = 20;
  const each = Math.ceil(Number(values.exams) / draws);
  console.log(`\n## ${draws * each} exams each: ${draws} draws of labels, ${each} exams\n`);
  console.log(
    '| labels | true accuracy | exam | Wilson holds | width | prediction-powered holds | width | as in the papers holds | width | narrower of the two holds |',
  );
  for (const labels of [100, 300, 1000]) {
    const classifiers = Array.from({ length: draws }, (_, seed) => {
      const labelled = sample(labels, 1_000_000 + seed, []);
      return { labelled, ...classifier(labelled) };
    });
    for (const size of [100, 200, 400]) {
      const rows = classifiers.flatMap((one, draw) =>
        Array.from({ length: each }, (_, k) => {
          const { accuracy, answers } = answersOf(one, one.labelled, sample(size, draw * each + k, one.labelled));
          const wilson = accuracyInterval({ examRight: answers.examRight });
          const powered = accuracyInterval(answers);
          return {
            accuracy,
            wilson,
            powered,
            papers: normal(powered),
            narrower: width(wilson) < width(powered) ? wilson : powered,
          };
        }),
      );
      const cells = ['wilson', 'powered', 'papers', 'narrower'].flatMap((key) => [
        percent(mean(rows.map((row) => Number(holds(row[key], row.accuracy))))),
        percent(mean(rows.map((row) => width(row[key]))), 2),
      ]);
      console.log(
        `| ${labels} | ${percent(mean(rows.map((row) => row.accuracy)))} | ${size} | ${cells.slice(0, 7).join(' | ')} |`,
      );
    }
  }
}

function sessions() {
  const number = Number(values.sessions);
  console.log(
    `\n## ${number} labelling sessions: an exam of 200, then 20 random labels and 4 times the 20 of least margin\n`,
  );
  const rows = Array.from({ length: number }, (_, k) => {
    const seed = Number(values.from) + k;
    const exam = sample(200, seed, []);
    const labelled = sample(20, 2_000_000 + seed, exam);
    let current = classifier(labelled);
    for (let round = 0; round < 4; round++) {
      const out = new Set([...exam, ...labelled]);
      const pool = truth.map((_, i) => i).filter((i) => !out.has(i));
      pool.sort((a, b) => current.margin[a] - current.margin[b]);
      labelled.push(...pool.slice(0, 20));
      current = classifier(labelled);
    }
    const { accuracy, answers } = answersOf(current, labelled, exam);
    return {
      accuracy,
      interval: accuracyInterval(answers),
      wilson: accuracyInterval({ examRight: answers.examRight }),
      leftOut: current.leftOut,
    };
  });
  const bias = (of) => {
    const differences = rows.map((row) => of(row) - row.accuracy);
    const deviation = Math.sqrt(mean(differences.map((x) => (x - mean(differences)) ** 2)));
    return `${percent(mean(differences), 2)} ± ${percent((1.96 * deviation) / Math.sqrt(number), 2)}`;
  };
  console.log(`true accuracy ${percent(mean(rows.map((row) => row.accuracy)))} %`);
  console.log(
    `exam, Wilson: holds ${percent(mean(rows.map((row) => Number(holds(row.wilson, row.accuracy)))))} %, bias ${bias((row) => row.wilson.accuracy)} points`,
  );
  console.log(
    `exam, prediction-powered: holds ${percent(mean(rows.map((row) => Number(holds(row.interval, row.accuracy)))))} %, bias ${bias((row) => row.interval.accuracy)} points`,
  );
  console.log(`no exam, the chosen labels left out one by one: bias ${bias((row) => row.leftOut)} points`);
}

function errors() {
  console.log('\n## 2 % of 5,000 labels moved to another class, 10 draws\n');
  const rows = Array.from({ length: 10 }, (_, seed) => {
    const labelled = sample(5000, 3_000_000 + seed, []);
    const moves = torch.randint(1, numClasses, [100], { generator: new torch.Generator(seed) }).tolist();
    const labels = labelled.map((i, k) => (k < moves.length ? (truth[i] + moves[k]) % numClasses : truth[i]));
    return torch.scope(() => {
      const x = rowsAt(labelled);
      const head = ridgeHead(x, index(labels), { numClasses, scale });
      const started = performance.now();
      const { suspects } = suspectLabels(leftOutProbabilities(x, index(labels), { numClasses, scale }), labels);
      const seconds = (performance.now() - started) / 1000;
      const found = (some) => some.filter((one) => one.index < moves.length);
      const trained = suspectLabels(head.probabilities(x), labels).suspects;
      return {
        seconds,
        accuracy: head.choice.accuracy,
        suspects: suspects.length,
        recall: found(suspects).length / moves.length,
        precision: found(suspects).length / suspects.length,
        first: [100, 200, 500].map((k) => found(suspects.slice(0, k)).length),
        corrected: found(suspects).filter((one) => one.suggested === truth[labelled[one.index]]).length / moves.length,
        trainedRecall: found(trained).length / moves.length,
      };
    });
  });
  const average = (of) => mean(rows.map(of));
  console.log(
    `left-out accuracy ${percent(average((row) => row.accuracy))} %; ${average((row) => row.suspects).toFixed(0)} suspects in ${average((row) => row.seconds).toFixed(2)} s`,
  );
  console.log(
    `recall ${percent(average((row) => row.recall))} %, precision ${percent(average((row) => row.precision))} %, true class suggested ${percent(average((row) => row.corrected))} %`,
  );
  console.log(
    `planted errors among the first 100, 200, 500 suspects: ${[0, 1, 2].map((k) => average((row) => row.first[k]).toFixed(1)).join(', ')} (by chance 2, 4, 10)`,
  );
  console.log(
    `recall with probabilities of the classifier that has learned the labels: ${percent(average((row) => row.trainedRecall))} %`,
  );
}

function forecasts() {
  const number = Number(values.forecasts);
  console.log(`\n## ${number} forecasts each, exam of 200\n`);
  console.log(
    '| labels | more | forecasts made | true gain | forecast gain | interval holds | width | mean error | of saying "no gain" |',
  );
  for (const [labels, more] of [
    [100, 50],
    [200, 50],
    [200, 200],
    [500, 500],
  ]) {
    const rows = Array.from({ length: number }, (_, seed) => {
      const exam = sample(200, seed, []);
      const order = sample(labels + more, 4_000_000 + seed, exam);
      const before = order.slice(0, labels);
      const curve = labelCurve({
        ...{
          features: rowsAt(before),
          labels: classesAt(before),
          numClasses,
          scale,
          seed,
        },
        exam: { features: rowsAt(exam), truth: classesAt(exam) },
      });
      const [now, then] = [before, order].map((labelled) => answersOf(classifier(labelled), order, exam).accuracy);
      return { truth: then - now, found: forecast(curve, more, { seed }) };
    });
    const made = rows.filter(({ found }) => found.possible);
    const average = (of) => mean(made.map(of));
    const cells = [
      ...[
        labels,
        more,
        made.length,
        percent(
          average((row) => row.truth),
          2,
        ),
        percent(
          average((row) => row.found.gain),
          2,
        ),
      ],
      percent(average((row) => Number(holds(row.found, row.truth)))),
      percent(
        average((row) => width(row.found)),
        2,
      ),
      percent(
        average((row) => Math.abs(row.found.gain - row.truth)),
        2,
      ),
      percent(
        average((row) => Math.abs(row.truth)),
        2,
      ),
    ];
    console.log(`| ${cells.join(' | ')} |`);
    if (made.length < number) console.log(rows.find(({ found }) => !found.possible).found.why);
  }
}

function seconds() {
  console.log('\n## Seconds\n');
  const labelled = sample(500, 1, []);
  const exam = sample(400, 2, labelled);
  const { answers } = answersOf(classifier(labelled), labelled, exam);
  const options = {
    ...{
      features: rowsAt(labelled),
      labels: classesAt(labelled),
      numClasses,
      scale,
      seed: 0,
    },
    exam: { features: rowsAt(exam), truth: classesAt(exam) },
  };
  const timed = (name, run) => {
    run();
    const started = performance.now();
    const result = run();
    console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(3)} s`);
    return result;
  };
  timed(`accuracyInterval, ${answers.certainty.length} certainties`, () => accuracyInterval(answers));
  const curve = timed('labelCurve, 500 labels, 8 sizes, 8 random parts', () => labelCurve(options));
  timed('forecast', () => forecast(curve, 50));
}

const parts = { exams, sessions, errors, forecasts, seconds };
for (const name of values.only.split(',')) parts[name]();
