/** @file What a person sees while a job works: one changing line on a terminal, now and then a plain line elsewhere. */
import { createLogUpdate } from 'log-update';
import type { ProgressEvent } from '../runs/events.js';
import { describe, fit } from './describe.js';

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

/** Writes to stderr, so that stdout holds results alone. */
export function openScreen({ quiet = false } = {}): Screen {
  const stream = process.stderr;
  if (quiet) return { event: () => {}, job: () => {}, line: () => {}, close: () => {} };
  const live = stream.isTTY === true;
  const update = live ? createLogUpdate(stream) : null;
  let prefix = '';
  let last = 0;
  let lastText = '';
  const said = new Set<string>();
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
      // The jobs of an experiment say many things alike: data, device, precision.
      if (event.type === 'note' && said.has(event.text)) return;
      if (event.type === 'note') said.add(event.text);
      if (event.type === 'note' || event.type === 'metrics') return line(`${prefix}${describe(event)}`);
      const now = performance.now();
      const ends =
        event.type === 'step' ? event.step === event.steps && event.epoch === event.epochs : event.done === event.total;
      if (now - last < (live ? REDRAW : QUIET * 1000) && !(ends && !live)) return;
      last = now;
      const text = `${prefix}${describe(event)}\n`;
      if (update === null && text !== lastText) stream.write(text);
      lastText = text;
      update?.(fit(event, prefix, (stream.columns ?? 80) - 1));
    },
    close: () => update?.clear(),
  };
}
