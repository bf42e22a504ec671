/** @file Reports of what is not the usual: an inspection alone, no pictures, parts that are missing. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExperimentSummary } from '../src/experiment/summarise.js';
import { writeInspection } from '../src/report/inspection.js';
import { toSvg, withSharedMarks } from '../src/report/render.js';
import { writeReport } from '../src/report/report.js';
import { makeExperiment } from './experiment-folder.js';
import { temporaryFolder } from './pictures.js';
import { figuresOf, reportsIn, tableOf, unbalanced } from './read-report.js';

const root = temporaryFolder();
afterAll(() => rmSync(root, { recursive: true }));
const reportOf = reportsIn(root);

describe('an inspection alone', async () => {
  const [result] = makeExperiment(join(root, 'inspected')).inspections;
  const folder = join(root, 'inspection');
  mkdirSync(folder);
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ kind: 'inspect', result }));
  const html = readFileSync(await writeInspection(folder), 'utf8');

  test('has the same figures, table and pictures as in a report', () => {
    expect(figuresOf(html).map(({ panels }) => panels)).toEqual([
      ['resnet10_narrow, before', 'resnet10_narrow, after'],
      ['resnet10_narrow, before', 'resnet10_narrow, after'],
    ]);
    expect(tableOf(html, 'kNN accuracy')[1]).toEqual(['resnet10_narrow', '25.0 %', '50.0 %']);
    expect(html).toContain('<p>Of the same class: 1 of 1 before, 2 of 2 after.</p>');
    expect(unbalanced(html)).toEqual([]);
  });
});

describe('without pictures', async () => {
  const folder = join(root, 'shown-to-others');
  makeExperiment(folder);
  const html = readFileSync(await writeReport(folder, { pictures: false }), 'utf8');

  test('no image of the data set is in it, nor a heading over none', () => {
    expect(html).not.toMatch(/<img|data:image|Images and their views|Nearest neighbours|Where the arms disagree/);
  });
  test('every figure and every table is', async () => {
    const { html: whole } = await reportOf('with-pictures');
    expect(figuresOf(html)).toEqual(figuresOf(whole));
    const captions = (page: string) => [...page.matchAll(/<caption>([^<]*)/g)].map(([, caption]) => caption);
    expect(captions(html)).toEqual(captions(whole));
    expect(unbalanced(html)).toEqual([]);
  });
});

describe('marks that differ in their place alone', () => {
  const mark = (x: number, look: string) => `<path transform="translate(${x},1)" ${look}/>`;
  const svg = (marks: string[]) => `<svg width="9">${marks.join('')}</svg>`;
  test('are drawn once and used at each place', () => {
    const shared = withSharedMarks(
      svg([0, 1, 2, 3].map((x) => mark(x, 'd="M1" fill="red"')).concat(mark(4, 'd="M2"'))),
    );
    const id = /id="([^"]*)"/.exec(shared)![1];
    expect(shared).toBe(
      `<svg width="9"><defs><path id="${id}" d="M1" fill="red"/></defs>${[0, 1, 2, 3].map((x) => `<use href="#${id}" x="${x}" y="1"/>`).join('')}${mark(4, 'd="M2"')}</svg>`,
    );
  });
  test('are found in what is really drawn', async () => {
    const values = Array.from({ length: 40 }, (_, i) => ({ x: i, y: (i * i) % 17, kind: 'ab'[i % 2] }));
    const drawing = await toSvg({
      data: { values },
      mark: { type: 'point', filled: true, aria: false },
      encoding: {
        x: { field: 'x', type: 'quantitative' },
        y: { field: 'y', type: 'quantitative' },
        color: { field: 'kind', type: 'nominal' },
      },
    });
    expect(drawing.match(/<use /g)).toHaveLength(40);
    expect(drawing.match(/<defs>(<path [^>]*\/>){2}<\/defs>/)).not.toBe(null);
  });
  test('have names of their own in every drawing of a page', () => {
    const idOf = (x: number) =>
      /id="([^"]*)"/.exec(withSharedMarks(svg([x, 1, 2, 3].map((at) => mark(at, 'd="M1"')))))![1];
    expect(idOf(0)).not.toBe(idOf(7));
  });
});

describe('parts that are missing', () => {
  test('where the first seed is missing the next one is shown', async () => {
    const { html } = await reportOf('second-seed', (summary) => {
      const later = ({ seed }: { seed: number }) => seed > 0;
      summary.cells = summary.cells.filter(later);
      summary.inspections = summary.inspections.filter(later);
    });
    expect(figuresOf(html).length).toBe(7);
    expect(figuresOf(html)[6]!.words).toContain('resnet18 transfer 10 %: ends at 1.250');
    expect(html).toContain('Where the arms disagree');
  });

  test('without labels there is no kNN panel', async () => {
    const { html } = await reportOf('unlabelled', (summary) => {
      for (const row of summary.pretrain) row.knn = null;
    });
    expect(figuresOf(html)[3]!.panels).toEqual(['NT-Xent, mean of each epoch']);
    expect(tableOf(html, 'After the last epoch')[1]![3]).toBe('no labels');
  });

  test('a cell that failed says so, in the table and above it', async () => {
    const { html } = await reportOf('failed', (summary) => {
      summary.failures = [{ job: 'cells/resnet18/transfer/10pct/seed0', error: 'the disk is full\n  where ...' }];
      summary.table = summary.table.filter(
        (row) => !(row.model === 'resnet18' && row.arm === 'transfer' && row.fraction === 0.1),
      );
    });
    expect(tableOf(html, 'Test accuracy').find(([name]) => name === 'resnet18, transfer')![2]).toBe('failed');
    expect(html).toContain('cells/resnet18/transfer/10pct/seed0 failed and is left out: the disk is full<');
  });

  test('an experiment that goes on says what is still missing', async () => {
    const { html } = await reportOf('unfinished', (summary) => {
      const done = (row: { model: string; fraction: number }) => row.model !== 'resnet18' || row.fraction !== 0.1;
      summary.cells = summary.cells.filter(done);
      summary.table = summary.table.filter(done);
    });
    expect(html).toContain('9 of 36 classifiers are not trained yet');
    expect(tableOf(html, 'Test accuracy').find(([name]) => name === 'resnet18, transfer')![2]).toBe('not run');
  });

  test('an experiment of an older version has no inspections, and a report', async () => {
    const { html } = await reportOf('older', (summary) => {
      delete (summary as Partial<ExperimentSummary>).inspections;
    });
    expect(figuresOf(html).length).toBe(5);
    expect(html).toContain('<math');
  });

  test('one that did not count operations has no section about them', async () => {
    const { html } = await reportOf('uncounted', (summary) => {
      for (const cell of summary.cells) delete (cell as Partial<ExperimentSummary['cells'][number]>).total;
    });
    expect(figuresOf(html).length).toBe(6);
    expect(html).not.toContain('Accuracy and compute');
  });

  test('differences are there with their intervals, and without a second arm they are not', async () => {
    const { html } = await reportOf('paired', () => {});
    const [head, ...rows] = tableOf(html, 'Paired differences');
    expect(head!.slice(0, 2)).toEqual(['network, arms', '1 % of labels']);
    expect(rows.map(([name]) => name!.split(', ')[1])).toEqual(
      Array(2)
        .fill(['transfer minus supervised', 'semi-supervised minus supervised', 'semi-supervised minus transfer'])
        .flat(),
    );
    // The semi-supervised arm is 20 points above the supervised one in every seed.
    expect(rows[1]![1]).toMatch(/^\+20\.0\s+\+20\.0 to \+20\.0, n = 3\s*$/);
    const { html: alone } = await reportOf('unpaired', (summary) => {
      summary.cells = summary.cells.filter(({ arm }) => arm === 'supervised');
      summary.table = summary.table.filter(({ arm }) => arm === 'supervised');
    });
    expect(alone).not.toContain('Differences between arms');
  });

  test('one seed has no spread, and a warning', async () => {
    const { html } = await reportOf('one-seed', (summary) => {
      summary.config.seeds = 1;
      for (const row of summary.table) Object.assign(row, { deviation: null, withoutTwins: null });
    });
    expect(tableOf(html, 'Test accuracy')[1]![1]).toMatch(/^\d+\.\d %$/);
    expect(html).toContain('1 seed: differences may be chance.');
  });

  test('one arm alone has neither pre-training nor source', async () => {
    const { html } = await reportOf('alone', (summary) => {
      summary.config.arms = ['supervised'];
      summary.pretrain = [];
      summary.transfer = [];
      summary.inspections = [];
    });
    expect(figuresOf(html).length).toBe(4);
    expect(html).not.toContain('Transfer source');
  });
});
