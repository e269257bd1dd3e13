import { fileURLToPath } from 'node:url'
import { decodePayloads } from '@pay-to-view/testing/history-text'
import { secretIn } from '@pay-to-view/testing/secrets'
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { beforeAll, describe, expect, test } from 'vitest'
import { type History, recorded } from './environment/histories.ts'
import { bundle, quiet } from './environment/workflow-bundle.ts'
import { lives, serverLives } from './scenarios/index.ts'

// The gate before every change of a workflow: what runs now, and may run for 180 days, must be able to go on with the new code.
// `npm run record -w @pay-to-view/temporal` writes the histories again; README.md in temporal/histories says when.

let code: WorkflowBundleWithSourceMap

beforeAll(async () => {
  quiet()
  code = await bundle()
})

const replay = async (workflowBundle: WorkflowBundleWithSourceMap, runs: History[]) => {
  const errors: unknown[] = []
  const histories = runs.map((history) => ({ workflowId: 'replayed', history }))
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) errors.push(error)
  return errors
}

describe('a recorded life is replayed by the workflow of today', () => {
  test.each(recorded())('$name', async ({ runs }) => {
    expect(await replay(code, runs)).toEqual(runs.map(() => undefined))
  })
})

test('each life that is to be recorded is, and nothing else', () => {
  const wanted = [...lives, ...serverLives].flatMap((life) => life.recorded ?? [])
  expect(recorded().map(({ name }) => name)).toEqual(wanted.sort())
})

test('a changed workflow is noticed', async () => {
  const changed = await bundle(fileURLToPath(new URL('./changed-workflow/unpatched.ts', import.meta.url)))
  for (const { runs } of recorded()) {
    for (const error of await replay(changed, runs)) expect(error).toBeInstanceOf(DeterminismViolationError)
  }
})

// versions.test.ts lets a life go on under it.
test('such a change behind patched() is replayed by every recorded life', async () => {
  const patched = await bundle(fileURLToPath(new URL('./changed-workflow/patched.ts', import.meta.url)))
  for (const { name, runs } of recorded()) {
    expect({ name, errors: await replay(patched, runs) }).toEqual({ name, errors: runs.map(() => undefined) })
  }
})

test('no recorded history holds a secret, or tells where it was recorded', () => {
  const place = /node_modules|file:\/\/|"\/\w+\/\w+|\d+@\w+/
  for (const { json } of recorded()) {
    const text = decodePayloads(json)
    expect(secretIn(text)).toBeNull()
    expect(place.exec(text)?.[0]).toBeUndefined()
  }
})
