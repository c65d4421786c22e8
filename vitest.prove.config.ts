import { defineConfig } from 'vitest/config';

// The long proofs: kill matrices, stress, whole installations. `npm run prove` runs them, `npm test` does not.
export default defineConfig({
  test: {
    include: ['{libs,apps,tools}/**/*.prove.ts', 'tools/executors/e2e/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    // One after the other: they start servers and installations, and would only slow each other down.
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
  },
});
