import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@twoview\/torch\/engine$/, replacement: at('./packages/torch/src/engine/index.ts') },
      { find: /^@twoview\/torch$/, replacement: at('./packages/torch/src/index.ts') },
      { find: /^twoview$/, replacement: at('./packages/twoview/src/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'packages/studio/*/test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    // Idle threads of libtorch spin by default, and several test processes would spin against each other.
    // Runs of tests are not remembered, and none is taken over instead of being computed.
    env: { OMP_WAIT_POLICY: 'passive', TWOVIEW_REGISTRY: '/dev/null' },
    // Generous: a busy machine is slow, and no test measures time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
