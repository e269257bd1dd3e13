import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{apps,packages}/*/test/**/*.test.ts', '{temporal,benchmarks,e2e}/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // For two cores: with more workers, test files only wait for each other.
    maxWorkers: 2,
  },
})
