/** @file What SimCLR learns: a step as a diagram, the loss as a formula, real views, and similarities before and after. */
import type { VNode } from 'preact';
import { SIMCLR_ARMS } from '../config/compare.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import type { Inspection } from '../ssl/inspect.js';
import { NtXentFormula } from './formula.js';
import { drawn } from './html/drawn.js';
import type { Section } from './html/section.js';
import { similarityFigure } from './inspection-figures.js';
import { lossOfConfig } from './loss-of-config.js';
import { bySeed, counted } from './words.js';
import { Workflow } from './workflow.js';

export async function objective(summary: ExperimentSummary): Promise<Section[]> {
  const { config } = summary;
  if (!config.arms.some((arm) => SIMCLR_ARMS.includes(arm))) return [];
  const rows = firstSeeds(summary);
  const similarity = rows.length === 0 ? null : await similarityPart(rows);
  const task =
    lossOfConfig(config).rows === undefined
      ? 'The network learns to compute what they have in common'
      : `The network learns to tell, of ${counted(2 * config.pretrain.batchSize, 'view')}, which one is the partner`;
  const body = (
    <>
      <p>
        Two views of one image are partners. {task}: whatever both crops of an image show must be found in what it
        computes. No label is used.
      </p>
      <Workflow summary={summary} inspected={rows[0]} />
      <LossPart {...summary} />
      {rows[0] !== undefined && <ViewStrip {...rows[0]} />}
      {similarity}
    </>
  );
  return [{ title: 'Pre-training objective', body }];
}

/** Of each network the inspection with the least seed that there is. */
export const firstSeeds = ({ inspections, config }: ExperimentSummary): Inspection[] =>
  config.models.flatMap((model) => bySeed(inspections.filter((one) => one.model === model))[0] ?? []);

/** The loss, and where it ended. */
function LossPart({ config, pretrain }: ExperimentSummary) {
  const { batchSize, epochs } = config.pretrain;
  const loss = lossOfConfig(config);
  const reached = pretrain.map((one) => `${one.loss.toFixed(3)} (${one.model}, seed ${one.seed})`).join(', ');
  const ends = reached === '' ? '' : ` After ${counted(epochs, 'epoch')} it was ${reached}.`;
  if (loss.name !== 'nt-xent') {
    return (
      <p>
        The loss is {loss.title}: {loss.about}. Batches have {batchSize} images.{ends}
      </p>
    );
  }
  return (
    <>
      <NtXentFormula />
      <p>
        i and j are the two views of one image, k runs over all views of the batch but i; z are their projections, sim
        is the cosine of the angle between two of them, τ = {loss.temperature} the temperature and N = {batchSize} the
        images of a batch. The loss is the mean over all {2 * batchSize} views; guessing gives log(2N − 1) ={' '}
        {loss.collapsed(batchSize)!.toFixed(3)}.{ends}
      </p>
    </>
  );
}

const SHOWN = ['whole', 'first view', 'second view'];

export function ViewStrip({ views, shown }: Inspection) {
  if (views.length === 0) return null;
  return (
    <>
      <h3>Images and their views</h3>
      <p>Of the {shown}: the image, and two views of it as the network gets them.</p>
      <ul class="triples">
        {views.map(({ image, label, views: two }) => (
          <li>
            {[image, ...two].map((src, i) => (
              <img src={src} alt={`${label ?? 'image'}, ${SHOWN[i]}`} width="64" height="64" />
            ))}
            <small>{label ?? 'image'}</small>
          </li>
        ))}
      </ul>
    </>
  );
}

export async function similarityPart(rows: readonly Inspection[]): Promise<VNode> {
  const words = rows
    .map(({ model, similarity: { before, after } }) => {
      const [p, n] = [(x: typeof before) => x.positiveMean.toFixed(2), (x: typeof before) => x.negativeMean.toFixed(2)];
      return `${model}: mean similarity of partners ${p(before)} before and ${p(after)} after, of views of different images ${n(before)} before and ${n(after)} after`;
    })
    .join('; ');
  const figure = await drawn(
    similarityFigure(rows),
    'Cosine similarity of the projections of two views; fraction of the pairs, first seed.',
    `Similarity of views. ${words}`,
  );
  return (
    <>
      <h3>Similarity of views, before and after</h3>
      <p>Training is to bring partners together, to the right, and to spread all others around 0.</p>
      {figure}
    </>
  );
}
