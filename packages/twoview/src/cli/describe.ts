/** @file What a job says, as one line for a person; a narrow terminal loses the least important figures first. */
import type { ProgressEvent } from '../runs/events.js';
import { duration } from './format.js';

type Step = Extract<ProgressEvent, { type: 'step' }>;

/** Figures of a step from left to right; `rank` 0 is dropped last. */
function parts({ phase, epoch, epochs, step, steps, loss, lr, imagesPerSecond, dataShare, etaSeconds }: Step) {
  return [
    { rank: 0, text: `${phase} epoch ${epoch}/${epochs}` },
    { rank: 3, text: `step ${step}/${steps}` },
    { rank: 1, text: `loss ${loss.toFixed(4)}` },
    { rank: 4, text: `lr ${lr.toPrecision(3)}` },
    { rank: 2, text: `${Math.round(imagesPerSecond)} ${phase === 'pretrain' ? 'views' : 'images'}/s` },
    { rank: 5, text: `waiting for data ${Math.round(dataShare * 100)} %` },
    { rank: 0, text: `${duration(etaSeconds)} left` },
  ];
}

/** Names of measures in metrics.jsonl, as people say them. */
const NAMES: Record<string, string> = { epochLoss: 'loss', knn: 'kNN', effectiveRank: 'effective rank' };

function measure(name: string, value: number): string {
  if (name === 'knn') return `${NAMES[name]} ${(value * 100).toFixed(2)} %`;
  return `${NAMES[name] ?? name} ${Number(value.toPrecision(4))}`;
}

/** How much of how much, the unit once. */
function extent(done: number, total: number, unit: string): string {
  const number = (value: number) => (unit === 'bytes' ? (value / 1e6).toFixed(1) : value.toLocaleString('en'));
  return `${number(done)} of ${number(total)} ${unit === 'bytes' ? 'MB' : unit}`;
}

export function describe(event: ProgressEvent): string {
  switch (event.type) {
    case 'step':
      return parts(event)
        .map(({ text }) => text)
        .join('  ');
    case 'progress':
      return `${event.phase}  ${extent(event.done, event.total, event.unit)}`;
    case 'metrics': {
      const values = Object.entries(event.values).map(([name, value]) => measure(name, value));
      return `${event.phase} epoch ${event.epoch}/${event.epochs} done  ${values.join('  ')}`;
    }
    default:
      return event.text;
  }
}

/** The line in at most `width` columns: a log-updated line that wraps would leave its remains on the screen. */
export function fit(event: ProgressEvent, prefix: string, width: number): string {
  if (event.type !== 'step') return `${prefix}${describe(event)}`.slice(0, width);
  const all = parts(event);
  for (let most = 5; most > 0; most--) {
    const kept = all.filter(({ rank }) => rank <= most).map(({ text }) => text);
    const line = `${prefix}${kept.join('  ')}`;
    if (line.length <= width) return line;
  }
  return `${prefix}${all[0]!.text}  ${all.at(-1)!.text}`.slice(0, width);
}
