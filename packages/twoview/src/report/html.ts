/** @file Pieces of HTML that every report is made of. */
import type { Look } from './look.js';
import { STYLE } from './style.js';

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);

/** @param rows cells as HTML; the first row is the head, the first cell of the others a row's name */
export function htmlTable(caption: string, [head, ...rows]: string[][]): string {
  const heads = head!.map((cell) => `<th scope="col">${cell}</th>`).join('');
  const lines = rows.map(
    ([name, ...cells]) => `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  // A box that scrolls must be reachable by keyboard.
  return `<div class="wide" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

const SYMBOLS = {
  circle: '<circle cx="14" cy="6" r="4"/>',
  square: '<rect x="10" y="2" width="8" height="8"/>',
  'triangle-up': '<path d="M14 1l5 9h-10z"/>',
};

function legendOf(looks: readonly Look[]): string {
  if (looks.length === 0) return '';
  const items = looks.map(({ name, colour, symbol, dash }) => {
    const line = dash === null ? '' : `<path d="M0 6h28" stroke-width="2" stroke-dasharray="${dash}"/>`;
    return `<li><svg width="28" height="12" aria-hidden="true"><g fill="${colour}" stroke="${colour}">${line}${SYMBOLS[symbol]}</g></svg>${escapeHtml(name)}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** A heading of the first level below the title, which the contents link to. */
export const heading2 = (title: string): string =>
  `<h2 id="${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}">${title}</h2>`;

/** Links to the headings of these sections. */
export function contents(sections: string): string {
  const links = [...sections.matchAll(/<h2 id="([^"]*)">(.*?)<\/h2>/g)].map(
    ([, id, title]) => `<li><a href="#${id}">${title}</a></li>`,
  );
  return `<nav aria-label="Contents"><ul>${links.join('')}</ul></nav>`;
}

/** Steps that follow each other, with arrows between them. @param steps as HTML @param name what they are, for those who do not see it */
export const flow = (steps: readonly string[], name: string): string =>
  `<ol class="flow" aria-label="${escapeHtml(name)}">${steps.map((step) => `<li>${step}</li>`).join('')}</ol>`;

export interface Drawing {
  legend: readonly Look[];
  panels: { title: string; svg: string }[];
  caption: string;
  /** What the drawing shows, for those who do not see it. */
  words: string;
}

export function figure({ legend, panels, caption, words }: Drawing): string {
  const drawn = panels.map(({ title, svg }) => `<div class="panel"><p>${escapeHtml(title)}</p>${svg}</div>`);
  return `<figure>${legendOf(legend)}<div class="panels" role="img" aria-label="${escapeHtml(words)}">${drawn.join('')}</div><figcaption>${caption}</figcaption></figure>`;
}

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>
`;
}
