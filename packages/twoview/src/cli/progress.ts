/** @file What a person sees while a job works: one changing line on a terminal, now and then a plain line elsewhere. */
import { createLogUpdate } from 'log-update';
import type { ProgressEvent } from '../runs/events.js';

/** Seconds between plain lines. */
const QUIET = 15;
/** Milliseconds between two drawings of the line. */
const REDRAW = 100;

export interface Screen {
  event(event: ProgressEvent): void;
  /** Stands before what the current job says: "job 3 of 12". */
  job(text: string): void;
  line(text: string): void;
  close(): void;
}

export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

function describe(event: ProgressEvent): string {
  if (event.type === 'step') {
    const { phase, epoch, epochs, step, steps, loss, lr, imagesPerSecond, dataShare, etaSeconds } = event;
    return [
      `${phase} epoch ${epoch}/${epochs} step ${step}/${steps}`,
      `loss ${loss.toFixed(4)}`,
      `lr ${lr.toPrecision(3)}`,
      `${Math.round(imagesPerSecond)} ${phase === 'pretrain' ? 'views' : 'images'}/s`,
      `data ${Math.round(dataShare * 100)} %`,
      `${duration(etaSeconds)} left`,
    ].join('  ');
  }
  if (event.type === 'progress') return `${event.phase}  ${event.done} of ${event.total} ${event.unit}`;
  if (event.type === 'metrics') {
    const values = Object.entries(event.values).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
    return `${event.phase} epoch ${event.epoch}/${event.epochs}  ${values.join('  ')}`;
  }
  return event.text;
}

/** Writes to stderr, so that stdout holds results alone. */
export function openScreen({ quiet = false } = {}): Screen {
  const stream = process.stderr;
  if (quiet) return { event: () => {}, job: () => {}, line: () => {}, close: () => {} };
  const live = stream.isTTY === true;
  const update = live ? createLogUpdate(stream) : null;
  let prefix = '';
  let last = 0;
  const line = (text: string) => {
    update?.clear();
    stream.write(`${text}\n`);
  };
  return {
    line,
    job: (text) => {
      prefix = `${text}  `;
      last = 0;
    },
    event(event) {
      if (event.type === 'warning') return line(`warning: ${describe(event)}`);
      if (event.type === 'note' || event.type === 'metrics') return line(`${prefix}${describe(event)}`);
      const now = performance.now();
      const ends =
        event.type === 'step' ? event.step === event.steps && event.epoch === event.epochs : event.done === event.total;
      if (now - last < (live ? REDRAW : QUIET * 1000) && !(ends && !live)) return;
      last = now;
      const text = `${prefix}${describe(event)}`;
      if (update === null) stream.write(`${text}\n`);
      else update(text.slice(0, (stream.columns ?? 80) - 1));
    },
    close: () => update?.clear(),
  };
}
