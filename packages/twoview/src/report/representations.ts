/** @file What the encoders see before they meet a label: kNN on the test images, a map, and what is near to what. */
import type { ExperimentSummary } from '../experiment/summarise.js';
import type { Inspection } from '../ssl/inspect.js';
import { drawn } from './drawn.js';
import { escapeHtml, heading2, htmlTable } from './html.js';
import { mapFigure } from './inspection-figures.js';
import { firstSeeds } from './objective.js';
import { meanAndSpread, share } from './words.js';

export async function representations(summary: ExperimentSummary): Promise<string> {
  const rows = firstSeeds(summary);
  if (rows.length === 0) return '';
  return `${heading2('Representations before and after')}
${testKnn(summary.inspections, summary.config.models)}
${await mapPart(rows)}
${nearPart(rows)}`;
}

export function testKnn(inspections: readonly Inspection[], models: readonly string[]): string {
  const rows = models.flatMap((model) => {
    const tests = inspections.flatMap((one) => (one.model === model && one.knnTest !== null ? [one.knnTest] : []));
    if (tests.length === 0) return [];
    const of = (time: 'before' | 'after') => meanAndSpread(tests.map((test) => test[time]));
    return [[escapeHtml(model), of('before'), of('after')]];
  });
  const one = inspections.find(({ knnTest }) => knnTest !== null)?.knnTest;
  if (one == null) return '';
  const caption = `kNN accuracy on ${one.queries.toLocaleString('en')} test images: the ${one.k} nearest of ${one.bank.toLocaleString('en')} training images vote`;
  return htmlTable(caption, [['network', 'random weights', 'after SimCLR'], ...rows]);
}

export async function mapPart(inspections: readonly Inspection[]): Promise<string> {
  const rows = inspections.filter(({ map }) => map.after.length > 0);
  if (rows.length === 0) return '';
  const words = rows
    .map(({ model, map, labels }) => {
      const same = (time: 'before' | 'after') => share(sameAsNearest(map[time], labels));
      return `${model}: the nearest point on the map is of the same class for ${same('before')} of the images before and ${same('after')} after`;
    })
    .join('; ');
  const { shown, map } = rows[0]!;
  return `<h3>A map of the representations</h3>
<p>${map.after.length.toLocaleString('en')} ${shown}, drawn so that near representations are near on the page (UMAP, cosine distance, first seed). Classes colour the points; they had no part in drawing it.</p>
${await drawn(mapFigure(rows), 'Only nearness means something: not the axes, nor the sizes of and distances between groups.', `Maps of the representations. ${words}`)}`;
}

/** Of the points with a known class, the share whose nearest other such point has the same one. */
export function sameAsNearest(points: Inspection['map']['after'], labels: readonly number[]): number {
  const known = points.flatMap((point, i) => (labels[i]! >= 0 ? [{ point, label: labels[i]! }] : []));
  const agree = known.filter((one) => {
    let nearest = { distance: Number.POSITIVE_INFINITY, label: -1 };
    for (const other of known) {
      if (other === one) continue;
      const distance = Math.hypot(one.point[0] - other.point[0], one.point[1] - other.point[1]);
      if (distance < nearest.distance) nearest = { distance, label: other.label };
    }
    return nearest.label === one.label;
  });
  return known.length === 0 ? 0 : agree.length / known.length;
}

export function nearPart(rows: readonly Inspection[]): string {
  if (rows.every(({ neighbours }) => neighbours.length === 0)) return '';
  const parts = rows.map(({ model, neighbours }) => {
    const items = neighbours.map(({ image, label, before, after }) => {
      const name = escapeHtml(label ?? 'image');
      return `<li><img src="${image}" alt="${name}" width="64" height="64"><dl><dt>before</dt><dd>${near(before, label)}</dd><dt>after</dt><dd>${near(after, label)}</dd></dl><small>${name}</small></li>`;
    });
    const same = (time: 'before' | 'after') => {
      const all = neighbours.flatMap((one) => one[time].filter(({ label }) => label !== null && label === one.label));
      return `${all.length} of ${neighbours.reduce((sum, one) => sum + one[time].length, 0)}`;
    };
    const known = neighbours.some(({ label }) => label !== null);
    const count = known ? `<p>Of the same class: ${same('before')} before, ${same('after')} after.</p>` : '';
    return `<h4>${escapeHtml(model)}</h4>${count}<ul class="near">${items.join('')}</ul>`;
  });
  return `<h3>Nearest neighbours</h3>
<p>The first image of each class, not picked by hand, and what is nearest to it among the ${rows[0]!.shown} of the map. A frame marks the same class.</p>
${parts.join('')}`;
}

const near = (pictures: Inspection['neighbours'][number]['after'], wanted: string | null) =>
  pictures
    .map(({ image, label }) => {
      const same = label !== null && label === wanted;
      const name = label === null ? 'image' : escapeHtml(label);
      return `<img src="${image}" alt="${name}${same ? ', the same class' : ''}" width="40" height="40"${same ? ' class="same"' : ''}>`;
    })
    .join('');
