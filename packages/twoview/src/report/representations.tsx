/** @file What the encoders see before they meet a label: kNN on the test images, a map, and what is near to what. */
import type { VNode } from 'preact';
import type { ExperimentSummary } from '../experiment/summarise.js';
import type { Inspection } from '../ssl/inspect.js';
import type { Picture } from '../ssl/inspection-pictures.js';
import { drawn } from './html/drawn.js';
import type { Section } from './html/section.js';
import { Table } from './html/table.js';
import { mapFigure } from './inspection-figures.js';
import { firstSeeds } from './objective.js';
import { meanAndSpread, share } from './words.js';

export async function representations(summary: ExperimentSummary): Promise<Section[]> {
  const rows = firstSeeds(summary);
  if (rows.length === 0) return [];
  const map = await mapPart(rows);
  const body = (
    <>
      <TestKnn inspections={summary.inspections} models={summary.config.models} />
      {map}
      <NearPart rows={rows} />
    </>
  );
  return [{ title: 'Representations before and after', body }];
}

export function TestKnn({ inspections, models }: { inspections: readonly Inspection[]; models: readonly string[] }) {
  const rows = models.flatMap((model) => {
    const tests = inspections.flatMap((one) => (one.model === model && one.knnTest !== null ? [one.knnTest] : []));
    if (tests.length === 0) return [];
    const of = (time: 'before' | 'after') => meanAndSpread(tests.map((test) => test[time]));
    return [[model, of('before'), of('after')]];
  });
  const one = inspections.find(({ knnTest }) => knnTest !== null)?.knnTest;
  if (one == null) return null;
  const caption = `kNN accuracy on ${one.queries.toLocaleString('en')} test images: the ${one.k} nearest of ${one.bank.toLocaleString('en')} training images vote`;
  return <Table caption={caption} head={['network', 'random weights', 'after SimCLR']} rows={rows} />;
}

export async function mapPart(inspections: readonly Inspection[]): Promise<VNode | null> {
  const rows = inspections.filter(({ map }) => map.after.length > 0);
  if (rows.length === 0) return null;
  const words = rows
    .map(({ model, map, labels }) => {
      const same = (time: 'before' | 'after') => share(sameAsNearest(map[time], labels));
      return `${model}: the nearest point on the map is of the same class for ${same('before')} of the images before and ${same('after')} after`;
    })
    .join('; ');
  const { shown, map } = rows[0]!;
  const figure = await drawn(
    mapFigure(rows),
    'Only nearness means something: not the axes, nor the sizes of and distances between groups.',
    `Maps of the representations. ${words}`,
  );
  return (
    <>
      <h3>A map of the representations</h3>
      <p>
        {map.after.length.toLocaleString('en')} {shown}, drawn so that near representations are near on the page (UMAP,
        cosine distance, first seed). Classes colour the points; they had no part in drawing it.
      </p>
      {figure}
    </>
  );
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

export function NearPart({ rows }: { rows: readonly Inspection[] }) {
  if (rows.every(({ neighbours }) => neighbours.length === 0)) return null;
  return (
    <>
      <h3>Nearest neighbours</h3>
      <p>
        The first image of each class, not picked by hand, and what is nearest to it among the {rows[0]!.shown} of the
        map. A frame marks the same class.
      </p>
      {rows.map(({ model, neighbours }) => (
        <>
          <h4>{model}</h4>
          <SameClass neighbours={neighbours} />
          <ul class="near">
            {neighbours.map(({ image, label, before, after }) => (
              <li>
                <img src={image} alt={label ?? 'image'} width="64" height="64" />
                <dl>
                  <dt>before</dt>
                  <dd>
                    <Near pictures={before} wanted={label} />
                  </dd>
                  <dt>after</dt>
                  <dd>
                    <Near pictures={after} wanted={label} />
                  </dd>
                </dl>
                <small>{label ?? 'image'}</small>
              </li>
            ))}
          </ul>
        </>
      ))}
    </>
  );
}

/** How many of the neighbours are of the same class; nothing where no class is known. */
function SameClass({ neighbours }: Pick<Inspection, 'neighbours'>) {
  if (neighbours.every(({ label }) => label === null)) return null;
  const same = (time: 'before' | 'after') => {
    const all = neighbours.flatMap((one) => one[time].filter(({ label }) => label !== null && label === one.label));
    return `${all.length} of ${neighbours.reduce((sum, one) => sum + one[time].length, 0)}`;
  };
  return (
    <p>
      Of the same class: {same('before')} before, {same('after')} after.
    </p>
  );
}

const Near = ({ pictures, wanted }: { pictures: readonly Picture[]; wanted: string | null }) =>
  pictures.map(({ image, label }) => {
    const same = label !== null && label === wanted;
    const alt = `${label ?? 'image'}${same ? ', the same class' : ''}`;
    return <img src={image} alt={alt} width="40" height="40" class={same ? 'same' : undefined} />;
  });
