import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

const slow = mergeConfig(base, defineConfig({ test: { testTimeout: 1_200_000, fileParallelism: false } }));
slow.test.include = ['packages/*/test/**/*.slow.test.ts', 'packages/studio/*/test/**/*.slow.test.ts'];
slow.test.exclude = ['**/node_modules/**', '**/dist/**'];
export default slow;
