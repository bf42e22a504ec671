/** @file Names from outside are text on every page: a browser finds the same elements in it whatever the names are. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as torch from '@twoview/torch';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataSchema } from '../src/config/data.js';
import { parseConfig } from '../src/config/parse.js';
import type { Survey } from '../src/data/survey.js';
import type { ExperimentSummary } from '../src/experiment/summarise.js';
import { writeInspection } from '../src/report/inspection.js';
import { writeReport } from '../src/report/report.js';
import { writeSurveyPage } from '../src/report/survey-page.js';
import { openBrowser } from './browser.js';
import { makeExperiment } from './experiment-folder.js';
import { classFolders, temporaryFolder } from './pictures.js';

const HOSTILE = `<img src=x onerror=alert(1)>&"'</title></style></svg>`;
/** As long, since labels in figures are placed by their length. */
const HARMLESS = 'x'.repeat(HOSTILE.length);
/** What a summary is read by: the kinds that there are, and folders with metrics.jsonl. */
const KEPT = ['kind', 'arm', 'arms', 'loss', 'run', 'part'];

/** The same value with this text behind every string in it. */
function everywhere<T>(value: T, text: string): T {
  const inside = (one: unknown): unknown => {
    if (typeof one === 'string') return one + text;
    if (Array.isArray(one)) return one.map(inside);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, of]) => [key, KEPT.includes(key) ? of : inside(of)]));
  };
  return inside(value) as T;
}

const root = temporaryFolder();
let browser: Browser;
const newFolder = () => mkdtempSync(join(root, 'page-'));
beforeAll(async () => {
  await torch.load({ threads: 1 });
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  rmSync(root, { recursive: true });
});

function experiment(text: string, change: (summary: ExperimentSummary) => void = () => {}): Promise<string> {
  const folder = newFolder();
  makeExperiment(folder, (summary) => {
    summary.failures = [{ job: 'cells/resnet18', error: 'the disk is full' }];
    change(summary);
    Object.assign(summary, everywhere(summary, text));
  });
  return writeReport(folder);
}

function otherLossAndSource(text: string): Promise<string> {
  return experiment(text, (summary) => {
    summary.transferData = null;
    summary.config.pretrain.loss = 'vicreg';
  });
}

function inspection(text: string): Promise<string> {
  const [result] = makeExperiment(newFolder()).inspections;
  const folder = newFolder();
  writeFileSync(join(folder, 'summary.json'), JSON.stringify({ kind: 'inspect', result: everywhere(result, text) }));
  return writeInspection(folder);
}

async function survey(text: string): Promise<string> {
  const folder = newFolder();
  const data = await classFolders(join(folder, 'photos'), ['cat', 'dog'], 4);
  const named = (index: number) => ({ part: 'train' as const, index, path: `cat/${index}.png` });
  const found: Survey = {
    ...{ name: 'photos', hash: 'abc', imageSize: 16, notes: ['a note'], warnings: ['a warning'], testTwins: 0 },
    parts: [{ part: 'train', images: 8, unlabelled: 0 }],
    classes: ['cat', 'dog'].map((name) => ({ name, train: 4, val: 0, test: 0 })),
    twins: [{ a: named(0), b: named(1), similarity: 0.99, mirrored: true, exact: false }],
    plain: [named(2)],
    blurred: [named(3)],
  };
  const page = join(folder, 'survey.html');
  await writeSurveyPage(everywhere(found, text), { ...parseConfig(dataSchema, { data }), page }, {});
  return page;
}

/** Elements with the names of their attributes, all text and attributes' values, and what a script would have said. */
async function seen(path: string) {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('dialog', async (dialog) => {
    said.push(dialog.message());
    await dialog.dismiss();
  });
  await page.goto(pathToFileURL(path).href);
  const { elements, texts } = await page.evaluate(() => {
    const all = [...document.querySelectorAll('*')];
    return {
      elements: all.map((one) => [one.localName, ...one.getAttributeNames()].join(' ')),
      texts: all.flatMap((one) => [
        ...[...one.attributes].map(({ value }) => value),
        ...[...one.childNodes].flatMap((child) => (child.nodeType === Node.TEXT_NODE ? [child.nodeValue!] : [])),
      ]),
    };
  });
  await page.close();
  return { elements, texts, said };
}

describe.each([
  ['the report of an experiment', experiment],
  ['one with another loss and weights from a file', otherLossAndSource],
  ['an inspection', inspection],
  ['what a data set holds', survey],
])('%s', (_, write) => {
  test('has the same elements whatever the names are, and says the names as they are', async () => {
    const harmless = await seen(await write(HARMLESS));
    const hostile = await seen(await write(HOSTILE));
    expect(hostile.elements).toEqual(harmless.elements);
    expect(hostile.said).toEqual([]);
    const named = hostile.texts.filter((text) => text.includes(HOSTILE)).length;
    expect(named).toBe(harmless.texts.filter((text) => text.includes(HARMLESS)).length);
    expect(named).toBeGreaterThan(10);
    expect(hostile.texts.filter((text) => /&(lt|gt|amp|quot|#\d+);/.test(text))).toEqual([]);
  });
});
