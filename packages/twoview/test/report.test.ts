/** @file The report holds every figure, in words as well; its tables are those of summary.json; it needs nothing from outside. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { POSTER_ARMS } from '../src/config/compare.js';
import { temporaryFolder } from './pictures.js';
import { figuresOf, plain, reportsIn, tableOf, unbalanced } from './read-report.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));
const reportOf = reportsIn(root);

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;

describe('a whole experiment', async () => {
  const { summary, html } = await reportOf('whole');
  const figures = figuresOf(html);

  test('every figure has its panels: by network, by arm, by label amount', () => {
    const beforeAndAfter = ['resnet10_narrow', 'resnet18'].flatMap((model) => [`${model}, before`, `${model}, after`]);
    expect(figures.map(({ panels }) => panels)).toEqual([
      ['resnet10_narrow', 'resnet18'],
      ['resnet10_narrow', 'resnet18'], // over what it took to compute
      beforeAndAfter, // similarity of views
      ['NT-Xent, mean of each epoch', 'kNN on held-out training images'],
      beforeAndAfter, // map
      ['resnet10_narrow', 'resnet18'].flatMap((model) => POSTER_ARMS.map((arm) => `${model}, ${arm}`)),
      [
        'resnet10_narrow, 1 % of labels',
        'resnet10_narrow, 10 % of labels',
        'resnet18, 1 % of labels',
        'resnet18, 10 % of labels',
      ],
    ]);
    for (const { svgs, panels } of figures) expect(svgs).toBe(panels.length);
  });

  test('every panel draws its data: a line for every arm, a mark for every row', () => {
    const [accuracy, compute, similarity, , map, mixes, losses] = html.split('<figure>').slice(1);
    const marks = (part: string, description: string) => part.split(`aria-roledescription="${description}"`).length - 1;
    expect(marks(accuracy!, 'line mark')).toBe(2 * 3);
    expect(marks(accuracy!, 'point')).toBe(summary.table.length);
    expect(marks(compute!, 'point')).toBe(summary.table.length);
    expect(marks(accuracy!, 'tick')).toBe(summary.cells.length);
    expect(mixes!.split('</figure>')[0]!.split(' fill="var(--blue)"').length - 1).toBe(6 * 4); // two classes
    expect(marks(losses!, 'line mark')).toBe(4 * 3);
    expect(marks(similarity!, 'line mark')).toBe(4 * 2);
    const points = map!.split('</figure>')[0]!.match(/<path transform="translate\([^"]*" d="[^"]*" fill="var/g)!;
    expect(points.length).toBe(4 * 3);
  });

  test('the words of a figure say every number that it shows', () => {
    for (const { model, arm, fraction, mean, deviation } of summary.table) {
      const value = `${percent(mean)} ± ${(deviation! * 100).toFixed(1)}`.replaceAll('.', '\\.');
      const words = `${model}, ${arm}: [^;]*${value} \\([\\d. to]+, [\\d.]+ % without twins\\) with ${fraction * 100} % of labels`;
      expect(figures[0]!.words).toMatch(new RegExp(words));
    }
    // 5 TFLOP in all, in every cell of these summaries.
    expect(figures[1]!.words).toContain('resnet18, transfer, 80 labels: ');
    expect(figures[1]!.words.split('for 5 TFLOP').length - 1).toBe(summary.table.length);
    expect(figures[6]!.words).toContain('resnet18 transfer 10 %: ends at 1.250');
    expect(figures[3]!.words).toContain(
      'resnet18, seed 2: NT-Xent ends at 4.123, chance is 5.537, kNN accuracy ends at 43.2 %',
    );
  });

  test('the table of accuracies is that of summary.json', () => {
    const [head, ...rows] = tableOf(html, 'Test accuracy');
    expect(head!.map((cell) => cell.trim().replace(/\s+/g, ' '))).toEqual([
      'network, arm',
      '1 % of labels 80 images',
      '10 % of labels 800 images',
    ]);
    const expected = ['resnet10_narrow', 'resnet18'].flatMap((model) =>
      ['supervised', 'transfer', 'semi-supervised'].map((arm) => [
        `${model}, ${arm}`,
        ...[0.01, 0.1].map((fraction) => {
          const row = summary.table.find((one) => one.model === model && one.arm === arm && one.fraction === fraction)!;
          const half = (4.303 * row.deviation!) / Math.sqrt(3); // Student's t for two degrees of freedom
          const interval = `${((row.mean - half) * 100).toFixed(1)} to ${((row.mean + half) * 100).toFixed(1)}`;
          return `${percent(row.mean)} ± ${(row.deviation! * 100).toFixed(1)}  ${interval}, ${percent(row.withoutTwins!)} without twins `;
        }),
      ]),
    );
    expect(rows).toEqual(expected);
  });

  test('errors are shares of the true class, over all seeds', () => {
    // Every cell has [[2, 0], [1, 1]]: half of the dogs were named cats
    expect(tableOf(html, 'Most frequent errors')[1]).toEqual(['resnet10_narrow, supervised', 'dog as cat 50.0 %']);
    expect(figures[5]!.words).toContain('resnet18, transfer: dog as cat 50.0 %');
  });

  test('pictures that one arm names rightly and the other wrongly, with words for those who do not see them', () => {
    const strips = html
      .split('<ul class="pictures">')
      .slice(1)
      .map((part) => part.split('</ul>')[0]!);
    expect(strips.length).toBe(2 * 2); // two networks, both ways round
    // The supervised arm errs about image 0, the semi-supervised one about image 2; about image 3 both do.
    expect(strips[0]).toContain('<img src="data:image/png;base64,AAAA" alt="dog; supervised says cat"');
    expect(strips[1]).toContain('<img src="data:image/png;base64,CAAA" alt="dog; semi-supervised says cat"');
    expect(strips.join('')).not.toContain('DAAA');
    expect(strips[0]).toContain('90 % sure;<br/>transfer: right');
  });

  test('what the pre-training changed: in words, as a table, as pictures', () => {
    expect(figures[2]!.words).toContain(
      'resnet18: mean similarity of partners 0.95 before and 0.80 after, of views of different images 0.90 before and 0.10 after',
    );
    // Two points have classes, and they differ.
    expect(figures[4]!.words).toContain(
      'resnet18: the nearest point on the map is of the same class for 0.0 % of the images before',
    );
    expect(tableOf(html, 'kNN accuracy on 2,000 test images: the 200 nearest of 8,000')).toEqual([
      ['network', 'random weights', 'after SimCLR'],
      ['resnet10_narrow', '25.0 % ± 0.0', '51.0 % ± 1.0'],
      ['resnet18', '25.0 % ± 0.0', '51.0 % ± 1.0'],
    ]);
    expect(html).toContain('alt="cat, first view"');
    expect(html.split('<p>Of the same class: 1 of 1 before, 2 of 2 after.</p>').length - 1).toBe(2);
  });

  test('the diagrams hold the figures of this experiment', () => {
    const flows = [...html.matchAll(/<ol class="flow" aria-label="([^"]*)">(.*?)<\/ol>/g)];
    const text = ([, name, steps]: RegExpMatchArray) => [name, plain(steps!.replace(/<[^>]*>/g, ' '))] as const;
    const lanes = Object.fromEntries(flows.map(text));
    expect(Object.keys(lanes)).toEqual([...POSTER_ARMS, 'one step of pre-training']);
    expect(lanes['semi-supervised']).toMatch(
      /7,000 training images, 2 epochs.*2 classes.*1 % \(80\), 10 % \(800\).*2,000 test images/,
    );
    expect(lanes.transfer).toContain('500 images of other with their labels');
    expect(lanes['one step of pre-training']).toMatch(/random crop, flip, colour jitter, grayscale.*128 numbers/);
  });

  test('the formula is MathML, and the contents link to every heading', () => {
    expect(html).toMatch(/<math display="block">.*ℓ<\/mi>.*<\/math>/s);
    const ids = [...html.matchAll(/<h2 id="([^"]*)"/g)].map(([, id]) => id);
    expect([...html.matchAll(/<a href="#([^"]*)"/g)].map(([, id]) => id)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(html.split('<h2').length - 1).toBe(ids.length);
  });

  test('labels saved are those that training from scratch does not need', () => {
    // From scratch 21 % with 80 labels and 26 % with 800; SimCLR 41 % and 46 %: more than was tried
    expect(tableOf(html, 'Labels for the same').slice(1, 3)).toEqual([
      ['resnet10_narrow, 80 labels', '41.0 %', 'more than 800', 'more than 10 times'],
      ['resnet10_narrow, 800 labels', '46.0 %', 'more than 800', '–'],
    ]);
  });

  test('the tables of pre-trainings, sources and networks are those of summary.json and metrics.jsonl', () => {
    const [, first] = tableOf(html, 'After the last epoch');
    expect(first).toEqual(['resnet10_narrow, seed 0', '4.123', '5.537', '43.2 %', '0.250', '-2.500', '42.000']);
    expect(tableOf(html, 'After the last epoch').length).toBe(1 + summary.pretrain.length);
    expect(tableOf(html, 'Supervised training on the source')[1]).toEqual([
      'resnet10_narrow',
      '60.0 %',
      '4 test',
      '1.250',
    ]);
    // 18 cells and a source of 12.5 s, 3 pre-trainings of 30 s
    expect(tableOf(html, 'With the classifier')[1]).toEqual([
      'resnet10_narrow',
      '308,826',
      ((19 * 12.5 + 90) / 60).toFixed(1),
    ]);
  });

  test('calibration is the mean over seeds', () => {
    expect(tableOf(html, 'Expected calibration error,')[1]).toEqual([
      'resnet10_narrow, supervised',
      '5.0 % ± 0.0',
      '5.0 % ± 0.0',
    ]);
  });

  test('the cost is in core-hours, or in GPU-hours where there is a GPU', async () => {
    expect(html).toContain('10.0 minutes, 0.33 core-hours');
    const gpu = await reportOf('gpu', ({ environment }) => environment.gpus.push('a GPU'));
    expect(gpu.html).toContain('10.0 minutes, 0.17 GPU-hours');
  });

  test('the first lines say what SimCLR changed at the least label amount', () => {
    expect(html).toMatch(
      /<b>resnet18<\/b> with 1 % of the labels \(80 images\): SimCLR then fine-tuned <b>51\.0 % ± 1\.0<\/b>, supervised from scratch 31\.0 % ± 1\.0/,
    );
  });

  test('machine, command and settings are in it, and notes are warnings', () => {
    expect(html).toContain('A processor, 2 cores (AVX2), 8 GiB, linux x64');
    expect(html).toContain('models:\n  - resnet10_narrow');
    expect(html).toMatch(/role="note">.*images are stored as JPEG/);
  });

  test('is one file that loads nothing and runs nothing', () => {
    const addresses = html.replaceAll(/xmlns(:\w+)?="[^"]*"|<img src="data:image\/png;base64,[A-Za-z0-9+/=]+"/g, '');
    expect(addresses).not.toMatch(
      /https?:|\/\/[a-z]|@import|url\(|<script|<link|<iframe|<img|<object|\ssrc=|\son\w+=/i,
    );
  });

  test('every element is closed', () => expect(unbalanced(html)).toEqual([]));
  test('colours come from the page, so that dark mode reaches the figures', () => {
    const svgs = html
      .split('<svg')
      .slice(1)
      .map((part) => part.split('</svg>')[0]!);
    expect(svgs.join('')).not.toMatch(/(?:fill|stroke)="(?:#|rgb|black|white)/);
    for (const name of new Set([...html.matchAll(/var\((--\w+)\)/g)].map((match) => match[1]!))) {
      expect(html.split(`${name}:`).length - 1).toBe(3); // light, dark, print
    }
  });
});
