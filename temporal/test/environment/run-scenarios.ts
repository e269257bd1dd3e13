import { type Database, startDatabase } from '@pay-to-view/testing/database'
import { secretIn } from '@pay-to-view/testing/secrets'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Life } from '../scenarios/scenario.ts'
import { record, textOf } from './histories.ts'
import { setStage } from './test-environment.ts'
import { bundle, quiet } from './workflow-bundle.ts'

/** Each life is a test on a stage of its own; the last one reads the histories of them all. */
export const play = (lives: Life[], server: () => Promise<TestWorkflowEnvironment>): void => {
  let database: Database
  let code: WorkflowBundleWithSourceMap
  const told: string[] = []
  const clientSecrets: string[] = []

  beforeAll(async () => {
    quiet()
    // Before the database is there: the bundler leaves no time to anything else.
    code = await bundle()
    database = await startDatabase()
  })

  afterAll(() => database?.stop())

  for (const life of lives) {
    test(life.name, async () => {
      const stage = await setStage({ server, database, bundle: code, stripeBehind: life.stripeBehind })
      try {
        await life.play(stage)
        const runs = await stage.histories()
        told.push(...runs.map(textOf))
        clientSecrets.push(...stage.clientSecrets)
        if (life.recorded && process.env.RECORD_HISTORIES) record(life.recorded, runs)
      } finally {
        await stage.clear()
      }
    })
  }

  test('no history holds a key, a client secret, a token or a card number', () => {
    expect(told.length).toBeGreaterThanOrEqual(lives.length)
    // They can be read at all: each names its purchase in a payload.
    for (const text of told) expect(text).toMatch(/"data":"\\"ptv_/)
    expect(told.map(secretIn).filter((found) => found !== null)).toEqual([])
    for (const clientSecret of clientSecrets) expect(told.filter((text) => text.includes(clientSecret))).toEqual([])
  })
}
