/** @file A child process by the names of its functions. It starts with the first call, and again with the next one after it ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Refusal } from '../refusal.js';
import type { Calls, FromChild } from './protocol.js';

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
  onEvent(event: unknown): void;
}

export interface CallOptions<Event = unknown> {
  signal?: AbortSignal;
  onEvent?: (event: Event) => void;
}

/** How much of what a child printed is kept, for the error that says how it ended. */
const SAID = 2000;

export class Child<Functions extends Calls> {
  #process: ChildProcess | null = null;
  #next = 1;
  #said = '';
  #closed = false;
  #nice: number;
  readonly #waiting = new Map<number, Waiting>();

  /** @param file of this folder, without its extension @param nice of the process; the server's own is 0 */
  constructor(
    readonly file: string,
    nice = 0,
    readonly env: Record<string, string> = {},
  ) {
    this.#nice = nice;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  call<Name extends keyof Functions & string>(
    name: Name,
    args: Parameters<Functions[Name]>[0],
    { signal, onEvent = () => {} }: CallOptions<never> = {},
  ): Promise<Awaited<ReturnType<Functions[Name]>>> {
    if (this.#closed) return Promise.reject(new Refusal('NOT_READY', 'the studio is ending'));
    return new Promise((resolve, reject) => {
      const child = this.#start();
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject, onEvent: onEvent as (event: unknown) => void });
      child.send({ type: 'call', id, name, args }, (error) => {
        if (error !== null) this.#settle(id)?.reject(error);
      });
      signal?.addEventListener('abort', () => child.connected && child.send({ type: 'cancel', id }, () => {}), {
        once: true,
      });
    });
  }

  /** Starts it before its first call, so that the call need not wait for that. */
  warmUp(): void {
    this.#start();
  }

  /** From now on it leaves the cores to others; a process may become nicer, and never less so. */
  giveWay(nice: number): void {
    this.#nice = nice;
    if (this.pid !== null) setPriority(this.pid, nice);
  }

  /** Stops it in its tracks, memory and all; `SIGCONT` lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  /** Lets it end what it does, then ends it; at once after `patience`. */
  async close(patience = 2000): Promise<void> {
    this.#closed = true;
    const child = this.#process;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGCONT');
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    if (this.#process !== null) return this.#process;
    const env = { ...process.env, OMP_WAIT_POLICY: 'passive', ...this.env };
    const child = fork(entry(this.file), { serialization: 'advanced', env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#process = child;
    this.#said = '';
    if (this.#nice !== 0 && child.pid !== undefined) setPriority(child.pid, this.#nice);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (text: Buffer) => {
        this.#said = (this.#said + text).slice(-SAID);
      });
    }
    child.on('message', (message: FromChild) => this.#arrived(message));
    child.on('error', () => {}); // `exit` follows, or the callback of send has it
    child.on('exit', (status, signal) => {
      if (this.#process === child) this.#process = null;
      const how = signal ?? `status ${status}`;
      const ended = new Refusal(
        'WORKER_FAILED',
        `a child process of the studio ended (${how}) ${this.#said}`.trim(),
        'try again',
      );
      for (const id of [...this.#waiting.keys()]) this.#settle(id)!.reject(ended);
    });
    return child;
  }

  #arrived(message: FromChild): void {
    if (message.type === 'event') this.#waiting.get(message.id)?.onEvent(message.event);
    else if (message.type === 'result') this.#settle(message.id)?.resolve(message.value as never);
    else this.#settle(message.id)?.reject(new Refusal(message.code, message.what, message.next));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** Compiled, also where the server itself runs from its sources, as in tests. */
function entry(file: string): string {
  const here = import.meta.url.replace(/\/server\/src\/children\/[^/]*\.ts$/, '/dist/server/src/children/');
  return fileURLToPath(`${here.replace(/[^/]*\.js$/, '')}${file}.js`);
}
