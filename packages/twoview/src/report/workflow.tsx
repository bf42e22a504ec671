/** @file One step of pre-training as a diagram, from images to the loss. */
import { trainedOn } from '../experiment/cost.js';
import type { ExperimentSummary } from '../experiment/summarise.js';
import type { Inspection } from '../ssl/inspect.js';
import { Flow } from './html/flow.js';
import { lossOfConfig } from './loss-of-config.js';
import { counted } from './words.js';

interface WorkflowProps {
  summary: ExperimentSummary;
  /** Where the pictures are from; without it there are none. */
  inspected: Inspection | undefined;
}

export function Workflow({ summary: { config, data }, inspected }: WorkflowProps) {
  const { pretrain, models } = config;
  const loss = lossOfConfig(config);
  const images = config.unlabelled === '' ? counted(trainedOn(pretrain, data.train), 'image') : config.unlabelled;
  const example = inspected?.views[0];
  const size = models.length === 1 && inspected !== undefined ? `${inspected.featureSize} numbers` : 'a vector';
  const views = [
    'random crop',
    ...(pretrain.flip > 0 ? ['flip'] : []),
    ...(pretrain.jitter > 0 ? ['colour jitter'] : []),
    ...(pretrain.grayscale > 0 ? ['grayscale'] : []),
    ...(pretrain.blur > 0 ? ['blur'] : []),
  ].join(', ');
  const head = `${counted(pretrain.projectionLayers, 'layer')}, z of ${counted(pretrain.projectionSize, 'number')}; not needed afterwards`;
  const steps = [
    { title: 'Image x', text: [example && <Shown pictures={[example.image]} />, `one of ${images}`] },
    { title: 'Two views', text: [example && <Shown pictures={example.views} />, views] },
    { title: 'Encoder f', text: models.join(', ') },
    { title: 'Representation h', text: `${size}, kept for every later task` },
    { title: 'Projection head g', text: head },
    { title: loss.title, text: loss.about },
  ];
  return <Flow name="one step of pre-training" steps={steps} />;
}

/** The text beside the pictures says what they are. */
const Shown = ({ pictures }: { pictures: readonly string[] }) => (
  <span>
    {pictures.map((image, i) => (
      <>
        {i > 0 && ' '}
        <img src={image} alt="" width="48" height="48" />
      </>
    ))}
  </span>
);
