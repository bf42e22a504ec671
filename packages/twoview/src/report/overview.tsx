/** @file The experiment at one glance: what each arm learns from, step by step, with this experiment's own figures. */
import { ARMS, type Arm, FROZEN_ARMS } from '../config/compare.js';
import { trainedOn } from '../experiment/cost.js';
import { percent } from '../experiment/jobs.js';
import { type ExperimentSummary, evaluatedImages } from '../experiment/summarise.js';
import { Flow } from './html/flow.js';
import type { Section } from './html/section.js';
import { counted } from './words.js';

export function overview(summary: ExperimentSummary): Section[] {
  const { config, data, classes, table, transferData } = summary;
  const { pretrain, finetune, transfer } = config;
  const amounts = config.fractions.map((fraction) => {
    const labels = table.find((row) => row.fraction === fraction)?.labels;
    return `${percent(fraction)} %${labels === undefined ? '' : ` (${labels.toLocaleString('en')})`}`;
  });
  const least = finetune.minSteps > 0 ? `, at least ${counted(finetune.minSteps, 'step')}` : '';
  const source =
    transferData === null
      ? `weights of ${config.transferWeights}`
      : `${counted(transferData.train, 'image')} of ${transferData.name} with their labels, ${counted(transfer.epochs, 'epoch')}`;
  const simclr = {
    title: 'SimCLR without labels',
    text: `${config.unlabelled === '' ? counted(trainedOn(pretrain, data.train), 'training image') : config.unlabelled}, ${counted(pretrain.epochs, 'epoch')}`,
  };
  const begin: Record<Arm, { title: string; text: string }> = {
    supervised: { title: 'Random weights', text: 'no pre-training' },
    transfer: { title: 'Pre-trained on other images', text: source },
    'semi-supervised': simclr,
    frozen: simclr,
    random: { title: 'Random weights', text: 'no training at all: what the architecture alone is worth' },
  };
  const layer = `linear, ${counted(classes.length, 'class', 'classes')}`;
  const learns = (arm: Arm) =>
    FROZEN_ARMS.includes(arm)
      ? [{ title: 'Classifier fitted to few labels', text: `${layer}, by ridge regression; ${amounts.join(', ')}` }]
      : [
          { title: 'New last layer', text: layer },
          {
            title: 'Trained on few labels',
            text: `${amounts.join(', ')}; ${counted(finetune.epochs, 'epoch')}${least}`,
          },
        ];
  const tested = { title: 'Tested', text: evaluatedImages(summary) };
  const seeds = config.seeds === 1 ? 'one seed' : `${config.seeds} seeds, each with its own draws and label subsets`;
  const body = (
    <>
      <p>
        The arms differ in what the network knows before it sees the first label
        {config.arms.some((arm) => FROZEN_ARMS.includes(arm)) && ', and some train no more than a classifier'}. Each
        runs for every network: {config.models.join(', ')}; {seeds}.
      </p>
      {ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => (
        <>
          <h3>{arm}</h3>
          <Flow name={arm} steps={[begin[arm], ...learns(arm), tested]} />
        </>
      ))}
    </>
  );
  return [{ title: 'Training overview', body }];
}
