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
    include: ['packages/*/test/**/*.test.ts'],
    exclude: ['**/*.slow.test.ts', '**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000, // loading libtorch takes its time on a busy machine
  },
});
