/** @file One page's connection to the bus, as server-sent events (WHATWG HTML, section 9.2). */
import type { ServerResponse } from 'node:http';
import type { Bus, Numbered } from './bus.js';

/** So that proxies and browsers know that the connection is alive, and the server that the page is gone. */
const BEAT_MS = 15_000;
/** What a page that does not read may leave in memory before it is cut off; it comes back with Last-Event-ID. */
const UNREAD = 1 << 20;

/** @param lastEventId the header, as it came @returns what ends it */
export function streamEvents(bus: Bus, response: ServerResponse, lastEventId: string | undefined): () => void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  const write = (text: string) => {
    if (response.writableLength > UNREAD) response.destroy();
    else response.write(text);
  };
  const send = ({ id, event }: Numbered) =>
    write(`id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  write('retry: 1000\n\n');
  const missed = lastEventId === undefined ? [] : bus.since(Number(lastEventId));
  if (missed === null) send({ id: bus.last, event: { type: 'lost' } });
  else if (lastEventId === undefined)
    write(`id: ${bus.last}\ndata:\n\n`); // a break before the first event must not lose it
  else for (const numbered of missed) send(numbered);
  const silence = bus.listen(send);
  const beat = setInterval(() => write(':\n\n'), BEAT_MS);
  const end = () => {
    silence();
    clearInterval(beat);
  };
  response.on('close', end);
  return () => {
    end();
    response.end();
  };
}
