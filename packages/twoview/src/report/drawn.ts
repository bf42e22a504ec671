/** @file From a figure's description to its place on the page. */
import type { Figure } from './figures.js';
import { figure } from './html.js';
import { toSvg } from './render.js';

export async function drawn({ legend, panels }: Figure, caption: string, words: string): Promise<string> {
  const svgs = await Promise.all(panels.map(async ({ title, spec }) => ({ title, svg: await toSvg(spec) })));
  return figure({ legend, panels: svgs, caption, words });
}
