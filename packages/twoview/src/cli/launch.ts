/** @file Several processes of one command on this machine. When one fails the others end too, and what it said is shown. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';

const BIN = fileURLToPath(new URL('../../../bin/twoview.js', import.meta.url));
/** Seconds that the others have to notice by themselves, and to save, before they are ended. */
const GRACE = 10;
/** Of what a process said last, in characters. */
const KEPT = 4000;

interface Worker {
  rank: number;
  child: ChildProcess;
  /** The end of what it wrote on stderr. */
  said: string;
  ended: Promise<number>;
}

/** @param timeout seconds @returns the exit status: 0, or that of the first process that failed */
export async function launch(
  args: readonly string[],
  { processes, timeout }: { processes: number; timeout: number },
): Promise<number> {
  const port = await freePort();
  const threads = Math.max(1, Math.floor(availableParallelism() / processes));
  const workers = Array.from({ length: processes }, (_, rank) =>
    start(rank, args, {
      ...{ OMP_NUM_THREADS: String(threads), ...process.env },
      ...{ RANK: String(rank), LOCAL_RANK: String(rank), WORLD_SIZE: String(processes) },
      ...{ MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(port), TWOVIEW_TIMEOUT: String(timeout) },
    }),
  );
  // A terminal sends Ctrl-C to all of them; whoever sends it to this process alone means them as well.
  const pass = (signal: NodeJS.Signals) => {
    for (const { child } of workers) if (process.stdin.isTTY !== true || signal !== 'SIGINT') child.kill(signal);
  };
  process.on('SIGINT', pass).on('SIGTERM', pass);
  try {
    const first = await firstFailure(workers);
    if (first === null) return 0;
    await endAll(workers);
    // Process 0 has printed its own end.
    const speaking = first.signalled ? first : (causeAmong(workers) ?? (first.rank > 0 ? first : null));
    if (speaking !== null)
      process.stderr.write(`\nprocess ${speaking.rank} ${speaking.how}\n${speaking.said.trim()}\n`);
    return first.status;
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass);
    for (const { child } of workers) child.kill('SIGKILL');
  }
}

/** Process 0 speaks; of the others only the end is kept. */
function start(rank: number, args: readonly string[], env: NodeJS.ProcessEnv): Worker {
  const child = spawn(process.execPath, [BIN, ...args], {
    env,
    stdio: rank === 0 ? 'inherit' : ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close').then(([code, signal]) => (signal === null ? code : 128));
  const worker: Worker = { rank, child, said: '', ended };
  child.stderr?.on('data', (chunk: Buffer) => {
    worker.said = (worker.said + chunk.toString()).slice(-KEPT);
  });
  return worker;
}

interface Failure {
  rank: number;
  status: number;
  /** Rather than by itself, which process 0 would have explained. */
  signalled: boolean;
  how: string;
  said: string;
}

function failureOf({ rank, child: { signalCode }, said }: Worker, status: number): Failure {
  const signalled = signalCode !== null;
  const how = signalled ? `was ended by ${signalCode}` : `ended with ${status}`;
  return { rank, status: signalled ? 1 : status, signalled, how, said };
}

/** The process that failed by itself, where others ended first and know only that one of them is gone. */
function causeAmong(workers: readonly Worker[]): Failure | null {
  const cause = workers.find(
    ({ rank, child: { exitCode }, said }) =>
      rank > 0 && (exitCode === 1 || exitCode === 2) && !said.includes('PROCESS_GROUP'),
  );
  return cause === undefined ? null : failureOf(cause, cause.child.exitCode!);
}

/** Waits until all have ended well, or one has not. */
async function firstFailure(workers: readonly Worker[]): Promise<Failure | null> {
  const failure = new Promise<Failure>((resolve) => {
    for (const worker of workers) {
      worker.ended.then((status) => {
        if (status !== 0) resolve(failureOf(worker, status));
      });
    }
  });
  return await Promise.race([
    failure,
    Promise.all(workers.map(({ ended }) => ended)).then(() => failureOr(workers, failure)),
  ]);
}

const failureOr = (workers: readonly Worker[], failure: Promise<Failure>) =>
  workers.every(({ child }) => child.exitCode === 0) ? null : failure;

async function endAll(workers: readonly Worker[]): Promise<void> {
  const all = Promise.all(workers.map(({ ended }) => ended));
  for (const signal of [null, 'SIGTERM', 'SIGKILL'] as const) {
    if (signal !== null) for (const { child } of workers) child.kill(signal);
    const late = new Promise((resolve) => setTimeout(resolve, GRACE * 1000, 'late').unref());
    if ((await Promise.race([all, late])) !== 'late') return;
  }
}
