import { defineConfig } from 'vitest/config'

const tests = ['{apps,packages}/*/test/**/*.test.ts', '{temporal,benchmarks,e2e}/test/**/*.test.ts']

/** They change the environment of their process, or need modules that were not loaded before. */
const needOwnProcess = [
  'apps/web/test/first-load.test.ts',
  'e2e/test/observability.test.ts',
  'e2e/test/secrets.test.ts',
  'packages/devstack/test/browser-binary.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: './packages/testing/src/test-run.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // For two cores: with more workers, test files only wait for each other.
    maxWorkers: 2,
    projects: [
      // The files that a worker runs share what they import: loading Prisma, Temporal and Stripe takes seconds.
      { extends: true, test: { name: 'shared process', include: tests, exclude: needOwnProcess, isolate: false } },
      { extends: true, test: { name: 'own process', include: needOwnProcess } },
    ],
  },
})
