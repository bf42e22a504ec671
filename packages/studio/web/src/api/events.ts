/** @file The server's events. The browser reconnects by itself and sends the id of the last one, so that none is lost. */
import type { StudioEvent } from './types.js';

const TYPES: StudioEvent['type'][] = ['labels', 'accuracy', 'progress', 'epoch', 'map', 'run', 'work', 'state', 'lost'];

/**
 * @param onEvent once for each event; @param onConnection true when the stream opens, false when it breaks
 * @returns a function that ends the stream
 */
export function listen(onEvent: (event: StudioEvent) => void, onConnection: (open: boolean) => void): () => void {
  const source = new EventSource('/api/events');
  for (const type of TYPES) {
    source.addEventListener(type, (message) => onEvent(JSON.parse(message.data) as StudioEvent));
  }
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false);
  return () => source.close();
}
