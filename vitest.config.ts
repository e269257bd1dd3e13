import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const tests = ['{apps,packages}/*/test/**/*.test.ts', '{temporal,benchmarks,e2e}/test/**/*.test.ts']

/** These files change the process environment or Temporal's runtime, or need modules that have not been loaded before. */
const needOwnProcess = [
  'apps/web/test/first-load.test.ts',
  'e2e/test/observability.test.ts',
  'e2e/test/secrets.test.ts',
  'packages/devstack/test/browser-binary.test.ts',
  'temporal/test/*.test.ts',
]

/** Small test files that run for one to two minutes, longest first. */
const slow = [
  'apps/chaos/test/scenarios.test.ts',
  'temporal/test/time-skipping-scenarios.test.ts',
  'e2e/test/fresh-clone.test.ts',
  'e2e/test/quickstart.test.ts',
  'apps/chaos/test/chaos.test.ts',
  'apps/web/test/purchase.test.ts',
  'temporal/test/dev-server-scenarios.test.ts',
  'packages/devstack/test/start.test.ts',
  'e2e/test/rolling-restart.test.ts',
]

/**
 * Runs the slow files first. Without durations from an earlier run, Vitest starts with the largest files, so a slow file would run last and
 * alone.
 */
class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = slow.findIndex((file) => moduleId.endsWith(file))
      return index === -1 ? slow.length : index
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    globalSetup: './packages/testing/src/test-run.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Chosen for two cores. More workers than cores are useful because a full-stack test spends about a third of its time waiting for its
    // processes.
    maxWorkers: 3,
    // A worker stops its shared stacks when it ends, which takes time.
    teardownTimeout: 120_000,
    sequence: { sequencer: SlowFilesFirst },
    projects: [
      // The test files of a worker share their imported modules, because loading Prisma, Temporal and Stripe takes seconds.
      { extends: true, test: { name: 'shared process', include: tests, exclude: needOwnProcess, isolate: false } },
      { extends: true, test: { name: 'own process', include: needOwnProcess } },
    ],
  },
})
