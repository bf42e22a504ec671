/** @file A page of what `twoview data` found, with the pictures of twins and of one colour. */
import * as torch from '@twoview/torch';
import { atomicWrite, writeAll } from '@twoview/torch';
import type { DataConfig } from '../config/data.js';
import { openImages } from '../data/open-images.js';
import type { Named, Survey } from '../data/survey.js';
import { thumbnails } from '../evaluate/thumbnails.js';
import type { JobIo } from '../runs/events.js';
import { escapeHtml } from './html.js';
import { STYLE } from './style.js';

/** More would make a page that no browser likes. */
const MOST = 200;

export async function writeSurveyPage(
  found: Survey,
  { page, ...config }: DataConfig & { page: string },
  io: JobIo,
): Promise<void> {
  using set = await openImages(config.data, config, { ...(io.signal && { signal: io.signal }) });
  const picture = async ({ part, index, path }: Named): Promise<string> => {
    using one = torch.scope(() => set[part]!.images.narrow(0, index, 1));
    const [png] = await thumbnails(one);
    const name = path ?? `${part} ${index}`;
    return `<figure><img src="${png}" alt="${escapeHtml(name)}" width="96"><figcaption>${part}<br>${escapeHtml(name)}</figcaption></figure>`;
  };
  const pairs: string[] = [];
  for (const { a, b, similarity, mirrored } of (found.twins ?? []).slice(0, MOST)) {
    pairs.push(
      `<li class="pair">${await picture(a)}${await picture(b)}<p>${similarity.toFixed(3)}${mirrored ? ', mirrored' : ''}</p></li>`,
    );
  }
  const plain: string[] = [];
  for (const one of found.plain.slice(0, MOST)) plain.push(`<li>${await picture(one)}</li>`);
  const parts = found.parts.map(({ part }) => part);
  const rows = found.classes.map(
    (one) =>
      `<tr><th>${escapeHtml(one.name)}</th>${parts.map((part) => `<td>${one[part].toLocaleString('en')}</td>`).join('')}</tr>`,
  );
  const listed = (texts: readonly string[]) =>
    texts.length === 0 ? '' : `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`;
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(found.name)}</title><style>${STYLE}
ul.pictures { list-style: none; display: flex; flex-wrap: wrap; gap: 1rem; padding: 0 } .pair { display: flex; gap: .5rem } figure { margin: 0 } figcaption { font-size: 11px; max-width: 10rem; overflow-wrap: anywhere }
</style></head><body>
<h1>${escapeHtml(found.name)}</h1>
<p>${found.parts.map(({ part, images }) => `${images.toLocaleString('en')} ${part} images`).join(', ')}; ${found.imageSize} x ${found.imageSize} pixels as stored.</p>
${listed(found.warnings)}${listed(found.notes)}
<h2>Classes</h2><table><tr><th>class</th>${parts.map((part) => `<th>${part}</th>`).join('')}</tr>${rows.join('')}</table>
<h2>Images that show one picture</h2><p>${found.twins === null ? 'not looked for' : `${found.twins.length} pairs${found.twins.length > MOST ? `, the first ${MOST} of them here` : ''}`}</p><ul class="pictures">${pairs.join('')}</ul>
<h2>Images of one colour</h2><p>${found.plain.length}</p><ul class="pictures">${plain.join('')}</ul>
</body></html>
`;
  atomicWrite(page, (file) => writeAll(file, Buffer.from(html)));
}
