/**
 * @file Run by out-of-memory.test.ts: makes tensors that nobody keeps, in a loop that never comes back to the event loop, under a
 * limit of the process's memory that holds a few of them.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as torch from '../../src/index.js';

const BLOCK = 128 << 20;
const LIMIT = 'import resource, sys; resource.prlimit(int(sys.argv[1]), resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)';

await torch.load({ threads: 1 });
torch.ones([4]).add(1).dispose(); // what libtorch makes once is there before the limit
const [, kib] = /VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))!;
const limited = spawnSync('python3', ['-c', LIMIT, String(process.pid), String(Number(kib) * 1024 + 8 * BLOCK)]);
if (limited.status !== 0) throw new Error(String(limited.stderr));

const kept = process.argv[2] === 'keep' ? ([] as torch.Tensor[]) : null;
let sum = 0;
let code: string | null = null;
try {
  for (let i = 0; i < 40; i++) {
    const tensor = torch.full([BLOCK], 1, { dtype: 'uint8' });
    sum += tensor.narrow(0, i, 1).item();
    kept?.push(tensor);
  }
} catch (error) {
  code = error instanceof torch.TorchError ? error.code : String(error);
}
console.log(JSON.stringify({ sum, code }));
