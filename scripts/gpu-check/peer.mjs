/** @file A step of SimCLR by the torch of PYTHON, beside ours. It is no failure of the check where that cannot run. */
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'peer.py');

/** Adds a line to `peers`. @param how `eager` or `compiled` @param limits of the process, see `Runner.run` */
export async function measurePeer(runner, { device, python, sizes }, model, how, limits) {
  const options = JSON.stringify({ device, model, how, ...sizes });
  // The headers of the pack are for the addon alone.
  const { CUDA_HOME } = process.env;
  const env = {
    PYTHONUNBUFFERED: '1',
    TORCHINDUCTOR_COMPILE_THREADS: '8',
    ...(CUDA_HOME === join(runner.work, 'cuda') && { CUDA_HOME: undefined }),
  };
  const name = `PyTorch ${how} ${model}${sizes.seconds === 0 ? ', warm-up' : ''}`;
  const { stdout = '' } = await runner.run(name, python, [SCRIPT, options], {
    least: 8,
    env,
    ...limits,
    optional: true,
  });
  const lines = stdout.split('\n').filter((text) => text.startsWith('{'));
  if (sizes.seconds > 0)
    runner.results.peers = [...(runner.results.peers ?? []), ...lines.map((line) => JSON.parse(line))];
  runner.write();
}
