/** @file The child's side: answers calls until the server is gone. */
import { asRefusal } from '../refusal.js';
import type { FromChild, ToChild, Tools } from './protocol.js';

type Handler = (args: never, tools: Tools) => unknown;

/** @param onGone what to do when the server ended, whichever way; the process ends after it */
export function serve(handlers: Record<string, Handler>, onGone: () => Promise<void> | void = () => {}): void {
  const going = new Map<number, AbortController>();
  const send = (message: FromChild) => {
    if (process.connected) process.send!(message, () => {});
  };
  process.on('message', async (message: ToChild) => {
    if (message.type === 'cancel') return going.get(message.id)?.abort();
    const { id, name, args } = message;
    const controller = new AbortController();
    going.set(id, controller);
    try {
      const tools: Tools = { tell: (event) => send({ type: 'event', id, event }), signal: controller.signal };
      send({ type: 'result', id, value: await handlers[name]!(args as never, tools) });
    } catch (error) {
      const { code, message: what, next } = asRefusal(error);
      send({ type: 'error', id, code, what, next });
    } finally {
      going.delete(id);
    }
  });
  // Ctrl-C goes to the whole group of processes of a terminal; the server decides when its children end.
  process.on('SIGINT', () => {});
  process.on('disconnect', async () => {
    for (const controller of going.values()) controller.abort();
    await onGone();
    process.exit(0);
  });
}
