/** @file The engine as every job wants it. */
import * as torch from '@twoview/torch';

/** Denormal numbers, which a processor computes many times slower, count as zero. @throws TorchError */
export async function loadEngine(config: { threads: number | 'auto' }): Promise<void> {
  await torch.load({ flushDenormal: true, ...(config.threads !== 'auto' && { threads: config.threads }) });
}
