import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{libs,apps,tools}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Forks: tests change umask and directory, which worker threads cannot.
    pool: 'forks',
    // Two at least: most tests wait for a child, a disk or a server, and by default two cores get one worker.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For test.concurrent: runs of the agent mostly wait for the pauses of the agent.
    maxConcurrency: 8,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['libs/*/src/**/*.ts'], exclude: ['**/*.test.ts'] },
  },
});
