import { fileURLToPath } from 'node:url'
import { decodePayloads } from '@pay-to-view/testing/history-text'
import { findSecretStrictly } from '@pay-to-view/testing/secrets'
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { beforeAll, describe, expect, test } from 'vitest'
import { type History, readRecordedHistories } from './environment/histories.ts'
import { bundleTestWorkflows, silenceTemporalLogs } from './environment/workflow-bundle.ts'
import { devServerScenarios, timeSkippingScenarios } from './scenarios/index.ts'

// Checks every change to a workflow: runs take up to 180 days and must be able to continue with the new code.
// `npm run record -w @pay-to-view/temporal` records the histories again; temporal/histories/README.md says when to record them again.

let bundle: WorkflowBundleWithSourceMap

beforeAll(async () => {
  silenceTemporalLogs()
  bundle = await bundleTestWorkflows()
})

const replay = async (workflowBundle: WorkflowBundleWithSourceMap, runs: History[]) => {
  const errors: unknown[] = []
  const histories = runs.map((history) => ({ workflowId: 'replayed', history }))
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) errors.push(error)
  return errors
}

describe('the current workflow replays every recorded history', () => {
  test.each(readRecordedHistories())('$name', async ({ runs }) => {
    expect(await replay(bundle, runs)).toEqual(runs.map(() => undefined))
  })
})

test('every recorded scenario has a history, and there are no other histories', () => {
  const expected = [...timeSkippingScenarios, ...devServerScenarios].flatMap(({ recordAs }) => recordAs ?? [])
  expect(readRecordedHistories().map(({ name }) => name)).toEqual(expected.sort())
})

test('replay detects a change to the workflow', async () => {
  const changed = await bundleTestWorkflows(fileURLToPath(new URL('./changed-workflow/unpatched.ts', import.meta.url)))
  for (const { runs } of readRecordedHistories()) {
    for (const error of await replay(changed, runs)) expect(error).toBeInstanceOf(DeterminismViolationError)
  }
})

// versions.test.ts continues a running workflow with this bundle.
test('every recorded history replays with the same change behind patched()', async () => {
  const patched = await bundleTestWorkflows(fileURLToPath(new URL('./changed-workflow/patched.ts', import.meta.url)))
  for (const { name, runs } of readRecordedHistories()) {
    expect({ name, errors: await replay(patched, runs) }).toEqual({ name, errors: runs.map(() => undefined) })
  }
})

test('no recorded history contains a secret, or reveals where it was recorded', () => {
  const location = /node_modules|file:\/\/|"\/\w+\/\w+|\d+@\w+/
  for (const { json } of readRecordedHistories()) {
    const text = decodePayloads(json)
    expect(findSecretStrictly(text)).toBeNull()
    expect(location.exec(text)?.[0]).toBeUndefined()
  }
})
