/** @file The experiment at one glance: what each arm learns from, step by step, with this experiment's own figures. */
import { ARMS, type Arm } from '../config/compare.js';
import { trainedOn } from '../experiment/cost.js';
import { percent } from '../experiment/jobs.js';
import { type ExperimentSummary, evaluatedImages } from '../experiment/summarise.js';
import { escapeHtml, flow, heading2 } from './html.js';
import { counted } from './words.js';

export function overview(summary: ExperimentSummary): string {
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
  const begin: Record<Arm, [string, string]> = {
    supervised: ['Random weights', 'no pre-training'],
    transfer: ['Learnt on other images', source],
    'semi-supervised': [
      'SimCLR without labels',
      `${config.unlabelled === '' ? counted(trainedOn(pretrain, data.train), 'training image') : config.unlabelled}, ${counted(pretrain.epochs, 'epoch')}`,
    ],
  };
  const tested = evaluatedImages(summary);
  const lanes = ARMS.filter((arm) => config.arms.includes(arm)).map((arm) => {
    const steps: [string, string][] = [
      begin[arm],
      ['New last layer', `linear, ${counted(classes.length, 'class', 'classes')}`],
      ['Trained on few labels', `${amounts.join(', ')}; ${counted(finetune.epochs, 'epoch')}${least}`],
      ['Tested', tested],
    ];
    return `<h3>${arm}</h3>${flow(
      steps.map(([title, text]) => `<b>${title}</b>${escapeHtml(text)}`),
      arm,
    )}`;
  });
  const networks = `${config.models.map(escapeHtml).join(', ')}; ${config.seeds === 1 ? 'one seed' : `${config.seeds} seeds, each with its own draws and label subsets`}.`;
  return `${heading2('Training overview')}
<p>The arms differ only in what the network knows before it sees the first label. Each runs for every network: ${networks}</p>
${lanes.join('')}`;
}
