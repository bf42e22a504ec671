/** @file A Python process that measures on demand, so that both sides of a row can take turns. Its half is peers/peer.py. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PEERS, python } from './python.mjs';

/**
 * @param {string} name of a file in peers/
 * @param {object} options what it is to measure
 * @returns {Promise<{ ready: any, ask(question?: unknown): Promise<any>, end(): void }>}
 */
export async function peer(name, options) {
  const child = spawn(await python(), [join(PEERS, `${name}.py`), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: String(options.threads ?? 2) },
  });
  const waiting = [];
  let failed = null;
  const fail = (text) => {
    failed ??= new Error(`peers/${name}.py ${text}`);
    for (const { reject } of waiting.splice(0)) reject(failed);
  };
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code) => fail(`ended with ${code}`));
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  const answer = () =>
    new Promise((resolve, reject) => {
      if (failed) reject(failed);
      else waiting.push({ resolve, reject });
    });
  return {
    ready: await answer(),
    ask(question = null) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer();
    },
    end: () => child.stdin.end(),
  };
}
