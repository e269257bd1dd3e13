import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { findSecretStrictly } from '@pay-to-view/testing/secrets'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../scenarios/scenario.ts'
import { historyText, recordHistories } from './histories.ts'
import { createTestEnvironment } from './test-environment.ts'
import { bundleTestWorkflows, silenceTemporalLogs } from './workflow-bundle.ts'

/** Defines one test per scenario, each in its own environment, and a last test that checks all their histories. */
export const runScenarios = (scenarios: Scenario[], server: () => Promise<TestWorkflowEnvironment>): void => {
  let database: Database
  let bundle: WorkflowBundleWithSourceMap
  const texts: string[] = []
  const clientSecrets: string[] = []

  beforeAll(async () => {
    silenceTemporalLogs()
    // The workflows are bundled before Postgres starts, because the bundler blocks the event loop.
    bundle = await bundleTestWorkflows()
    database = await startDatabase()
  })

  afterAll(() => database?.stop())

  for (const { name, recordAs, stripeClockLagMs, run } of scenarios) {
    test(name, async () => {
      const env = await createTestEnvironment({ server, database, bundle, stripeClockLagMs })
      try {
        await run(env)
        const runs = await env.histories()
        texts.push(...runs.map(historyText))
        clientSecrets.push(...env.clientSecrets)
        if (recordAs && process.env.RECORD_HISTORIES) recordHistories(recordAs, runs)
      } finally {
        await env.close()
      }
    })
  }

  test('no history contains a key, a client secret, a token or a card number', () => {
    expect(texts.length).toBeGreaterThanOrEqual(scenarios.length)
    // Checks that the payloads are decoded: each history must contain the id of its purchase or job.
    for (const text of texts) expect(text).toMatch(/"data":"(?:\{\\"id\\":)?\\"(?:ptv|job)_/)
    expect(texts.map(findSecretStrictly).filter((secret) => secret !== null)).toEqual([])
    for (const clientSecret of clientSecrets) expect(texts.filter((text) => text.includes(clientSecret))).toEqual([])
  })
}
