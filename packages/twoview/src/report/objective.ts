/** @file What SimCLR learns: a step as a diagram, the loss as a formula, real views, and similarities before and after. */
import { trainedOn } from '../experiment/cost.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import type { Inspection } from '../ssl/inspect.js';
import { drawn } from './drawn.js';
import { escapeHtml, flow, heading2 } from './html.js';
import { similarityFigure } from './inspection-figures.js';
import { lossOfConfig } from './loss-of-config.js';
import { bySeed, counted } from './words.js';

export async function objective(summary: ExperimentSummary): Promise<string> {
  const { config, pretrain } = summary;
  if (!config.arms.includes('semi-supervised')) return '';
  const rows = firstSeeds(summary);
  const { batchSize } = config.pretrain;
  const loss = lossOfConfig(config);
  const chance = loss.collapsed(batchSize);
  const ends =
    pretrain.length === 0
      ? ''
      : ` After ${counted(config.pretrain.epochs, 'epoch')} it was ${pretrain.map(({ model, seed, loss }) => `${loss.toFixed(3)} (${escapeHtml(model)}, seed ${seed})`).join(', ')}.`;
  const ntXent = () =>
    `${FORMULA}
<p>i and j are the two views of one image, k runs over all views of the batch but i; z are their projections, sim is the cosine of the angle between two of them, τ = ${loss.temperature} the temperature and N = ${batchSize} the images of a batch. The loss is the mean over all ${2 * batchSize} views; guessing gives log(2N − 1) = ${chance!.toFixed(3)}.${ends}</p>`;
  return `${heading2('Pre-training objective')}
<p>Two views of one image are partners. ${loss.rows === undefined ? 'The network learns to compute what they have in common' : `The network learns to tell, of ${counted(2 * batchSize, 'view')}, which one is the partner`}: whatever both crops of an image show must be found in what it computes. No label is used.</p>
${workflow(summary, rows[0])}
${loss.name === 'nt-xent' ? ntXent() : `<p>The loss is ${escapeHtml(loss.title)}: ${escapeHtml(loss.about)}. Batches have ${batchSize} images.${ends}</p>`}
${rows.length === 0 ? '' : `${viewStrip(rows[0]!)}\n${await similarityPart(rows)}`}`;
}

/** Of each network the inspection with the least seed that there is. */
export const firstSeeds = ({ inspections, config }: ExperimentSummary): Inspection[] =>
  config.models.flatMap((model) => bySeed(inspections.filter((one) => one.model === model))[0] ?? []);

/** One step of pre-training, from images to the loss. */
function workflow({ config, data }: ExperimentSummary, inspected: Inspection | undefined): string {
  const { pretrain, models } = config;
  const images =
    config.unlabelled === '' ? counted(trainedOn(pretrain, data.train), 'image') : escapeHtml(config.unlabelled);
  const example = inspected?.views[0];
  const shown = (pictures: string[]) =>
    `<span>${pictures.map((image) => `<img src="${image}" alt="" width="48" height="48">`).join(' ')}</span>`;
  const size = models.length === 1 && inspected !== undefined ? `${inspected.featureSize} numbers` : 'a vector';
  const views = [
    'random crop',
    ...(pretrain.flip > 0 ? ['flip'] : []),
    ...(pretrain.jitter > 0 ? ['colour jitter'] : []),
    ...(pretrain.grayscale > 0 ? ['grayscale'] : []),
    ...(pretrain.blur > 0 ? ['blur'] : []),
  ];
  const steps = [
    `<b>Image x</b>${example === undefined ? '' : shown([example.image])}one of ${images}`,
    `<b>Two views</b>${example === undefined ? '' : shown(example.views)}${views.join(', ')}`,
    `<b>Encoder f</b>${models.map(escapeHtml).join(', ')}`,
    `<b>Representation h</b>${size}, kept for every later task`,
    `<b>Projection head g</b>${counted(pretrain.projectionLayers, 'layer')}, z of ${counted(pretrain.projectionSize, 'number')}; not needed afterwards`,
    `<b>${escapeHtml(lossOfConfig(config).title)}</b>${escapeHtml(lossOfConfig(config).about)}`,
  ];
  return flow(steps, 'one step of pre-training');
}

const row = (...parts: string[]) => `<mrow>${parts.join('')}</mrow>`;
/** An upright letter that the style makes italic: many fonts lack the italic letters of mathematics. */
const letter = (name: string) => `<mi mathvariant="normal">${name}</mi>`;
const projection = (index: string) => `<msub><mi mathvariant="normal" class="bold">z</mi>${letter(index)}</msub>`;
const similarity = (a: string, b: string) =>
  row(
    '<mi>exp</mi><mo>(</mo><mi>sim</mi><mo>(</mo>',
    projection(a),
    '<mo>,</mo>',
    projection(b),
    `<mo>)</mo><mo>/</mo>${letter('τ')}<mo>)</mo>`,
  );
/** NT-Xent of the pair (i, j), Chen et al. 2020, equation 1. */
const FORMULA = `<math display="block">${row(
  `<msub>${letter('ℓ')}${row(letter('i'), '<mo>,</mo>', letter('j'))}</msub><mo>=</mo><mo>−</mo><mi>log</mi>`,
  `<mfrac>${similarity('i', 'j')}${row(
    `<munder><mo>∑</mo>${row(letter('k'), '<mo>≠</mo>', letter('i'))}</munder>`,
    similarity('i', 'k'),
  )}</mfrac>`,
)}</math>`;

export function viewStrip({ views, shown }: Inspection): string {
  if (views.length === 0) return '';
  const items = views.map(({ image, label, views: two }) => {
    const name = escapeHtml(label ?? 'image');
    const pictures = [image, ...two].map((src, i) => {
      const alt = ['whole', 'first view', 'second view'][i];
      return `<img src="${src}" alt="${name}, ${alt}" width="64" height="64">`;
    });
    return `<li>${pictures.join('')}<small>${name}</small></li>`;
  });
  return `<h3>Images and their views</h3>
<p>Of the ${shown}: the image, and two views of it as the network gets them.</p>
<ul class="triples">${items.join('')}</ul>`;
}

export async function similarityPart(rows: readonly Inspection[]): Promise<string> {
  const words = rows
    .map(({ model, similarity: { before, after } }) => {
      const [p, n] = [(x: typeof before) => x.positiveMean.toFixed(2), (x: typeof before) => x.negativeMean.toFixed(2)];
      return `${model}: mean similarity of partners ${p(before)} before and ${p(after)} after, of views of different images ${n(before)} before and ${n(after)} after`;
    })
    .join('; ');
  return `<h3>Similarity of views, before and after</h3>
<p>Training is to bring partners together, to the right, and to spread all others around 0.</p>
${await drawn(similarityFigure(rows), 'Cosine similarity of the projections of two views; fraction of the pairs, first seed.', `Similarity of views. ${words}`)}`;
}
