/** @file A report as a test reads it: its tables, its figures with their words, and whether its elements are closed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentSummary } from '../src/experiment/summarise.js';
import { writeReport } from '../src/report/report.js';
import { makeExperiment } from './experiment-folder.js';

/** Makes experiments in this folder and reads their reports. */
export const reportsIn = (root: string) => async (name: string, change?: (summary: ExperimentSummary) => void) => {
  const folder = join(root, name);
  const summary = makeExperiment(folder, change);
  return { summary, html: readFileSync(await writeReport(folder), 'utf8') };
};

export const plain = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** The table under this caption: rows of cells as text. */
export function tableOf(html: string, caption: string): string[][] {
  const table = html.split('<table>').find((part) => part.startsWith(`<caption>${caption}`));
  if (table === undefined) throw new Error(`no table ${caption}`);
  return [...table.split('</table>')[0]!.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell]) => plain(cell!.replace(/<[^>]*>/g, ' '))),
  );
}

interface Drawn {
  panels: string[];
  words: string;
  svgs: number;
}

/** Every figure with the titles of its panels and its words. */
export const figuresOf = (html: string): Drawn[] =>
  [...html.matchAll(/<figure>(.*?)<\/figure>/gs)].map(([, figure]) => {
    const [, words, panels] = /role="img" aria-label="([^"]*)">(.*)<\/div><figcaption>/s.exec(figure!)!;
    return {
      words: plain(words!),
      panels: [...panels!.matchAll(/<div class="panel"><p>(.*?)<\/p>/g)].map(([, title]) => plain(title!)),
      svgs: panels!.split('<svg').length - 1,
    };
  });

/** Elements that were opened and not closed, or closed and not opened. */
export function unbalanced(html: string): string[] {
  const open: string[] = [];
  for (const [, closing, name, self] of html.matchAll(/<(\/?)([a-zA-Z][\w-]*)[^>]*?(\/?)>/g)) {
    if (self === '/' || ['meta', 'br', 'img'].includes(name!)) continue;
    if (closing === '') open.push(name!);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}
