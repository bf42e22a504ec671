/** @file Pieces of HTML that every report is made of. */

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);

/** @param rows cells as HTML; the first row is the head, the first cell of the others a row's name */
export function htmlTable(caption: string, [head, ...rows]: string[][]): string {
  const heads = head!.map((cell) => `<th scope="col">${cell}</th>`).join('');
  const lines = rows.map(
    ([name, ...cells]) => `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  return `<div class="wide"><table><caption>${caption}</caption><thead><tr>${heads}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

/** A drawing with what it shows in words, for those who do not see it. */
export function figure(svg: string, caption: string, words: string): string {
  return `<figure><div class="wide" role="img" aria-label="${escapeHtml(words)}">${svg}</div><figcaption>${caption}</figcaption></figure>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2937; --soft: #6b7280; --paper: #fff; --line: #e5e7eb; --card: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --soft: #9ca3af; --paper: #111827; --line: #374151; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 60rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; } h2 { margin: 2.6rem 0 .6rem; font-size: 1.3rem; }
.lead { color: var(--soft); margin: 0 0 1.2rem; } .wide { overflow-x: auto; }
.result { font-size: 1.15rem; border-left: 4px solid #009E73; padding: .3rem 0 .3rem 1rem; margin: 1.5rem 0; }
figure { margin: 1rem 0; padding: 1rem; background: var(--card); color: #374151; border: 1px solid var(--line); border-radius: 8px; }
figcaption { font-size: .9rem; color: #4b5563; margin-top: .5rem; } svg { max-width: none; height: auto; display: block; }
table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; } caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .3rem; }
th, td { padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); text-align: right; } th:first-child { text-align: left; font-weight: 500; } thead th { font-weight: 600; }
.warn { border: 1px solid #d97706; border-radius: 8px; padding: .6rem 1rem; margin: .6rem 0; } pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 8px; font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media print { body { max-width: none; } figure, table { break-inside: avoid; } }`;

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${body}</main></body></html>
`;
}
